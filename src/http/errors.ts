import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { requestId } from './access-log.ts';
import { HttpProblem, sendProblem } from './problem.ts';

/** Turn every error into problem+json. What went wrong inside is for the log alone. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const status = statusOf(error);
    if (status >= 500) log.error({ requestId: requestId(res), err: error }, 'request failed');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    if (status === 413) res.setHeader('Connection', 'close');
    if (status === 503) res.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    // A library's message may quote the request; only our own problems carry details.
    sendProblem(res, status, error instanceof HttpProblem && status < 500 ? error.details : {});
  };
}

const STATUS_BY_CODE = new Map([
  ['NOT_FOUND', 404],
  ['FLAG_REVISION', 412],
  ['STORE_AWAY', 503],
]);
const RETRY_AFTER_SECONDS = 5;

// The code below the HTTP edge knows no status. Parsers and Express mark the client's faults with a status; anything else is ours.
function statusOf(error: unknown): number {
  const code =
    error instanceof Error && 'code' in error ? STATUS_BY_CODE.get(String(error.code)) : undefined;
  if (code !== undefined) return code;
  const status = error instanceof Error && 'status' in error ? error.status : 500;
  const isKnown =
    typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;
  return isKnown ? status : 500;
}
