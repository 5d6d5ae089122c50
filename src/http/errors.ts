import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Problem } from '../config/model.ts';
import { requestId } from './log.ts';
import { STATUS_CODES } from './node-http.ts';

interface ProblemDetails {
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** What is wrong with a configuration, without a value. */
  readonly problems?: readonly Problem[];
}

/** An answer that is an error: thrown by a handler, sent by the error handler. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly details: ProblemDetails;

  constructor(status: number, details: ProblemDetails = {}) {
    super(STATUS_CODES[status]);
    this.name = 'HttpProblem';
    this.status = status;
    this.details = details;
  }
}

/** Let requests on that pass a test, and answer the others with a problem. */
export function refuseUnless(
  test: (req: Request) => boolean,
  status: number,
  details?: ProblemDetails,
): RequestHandler {
  return (req, _res, next) => next(test(req) ? undefined : new HttpProblem(status, details));
}

/** Answer whatever no route answered. */
export const notFound: RequestHandler = (_req, res) => sendProblem(res, 404);

/** Answer 405 for every method that the routes before it did not take. */
export function onlyMethods(...methods: readonly string[]): RequestHandler {
  return (_req, res, next) => {
    res.setHeader('Allow', methods.join(', '));
    next(new HttpProblem(405));
  };
}

// What code below the HTTP edge throws, which knows no status.
const STATUS_BY_CODE = new Map([
  ['NOT_FOUND', 404],
  ['FLAG_REVISION', 412],
  ['STORE_AWAY', 503],
]);
const RETRY_AFTER_SECONDS = 5;

/** Turn every error into problem+json. What went wrong inside is for the log alone. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const status = statusOf(error);
    if (status >= 500) log.error({ requestId: requestId(res), err: error }, 'request failed');
    if (res.headersSent) return void res.destroy();
    if (status === 413) res.setHeader('Connection', 'close');
    if (status === 503) res.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    // A library's message may quote the request; only our own problems carry details.
    sendProblem(res, status, error instanceof HttpProblem && status < 500 ? error.details : {});
  };
}

// Parsers and Express mark the client's faults with a status; anything else is ours.
function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 500;
  const { code, status = 500 }: { code?: string; status?: number } = Object(error);
  const known = STATUS_BY_CODE.get(code ?? '') ?? status;
  return Number.isInteger(known) && known >= 400 && known <= 599 ? known : 500;
}

export type ShownProblem = ProblemDetails & {
  readonly title: string;
  readonly status: number;
  readonly requestId: string;
};

const pages = new WeakMap<Response, (problem: ShownProblem) => string>();

/** Answer this request's problems with a page: for routes that browsers ask. */
export function answerProblemsWith(res: Response, page: (problem: ShownProblem) => string): void {
  pages.set(res, page);
}

// https://www.rfc-editor.org/rfc/rfc9457
function sendProblem(res: Response, status: number, details: ProblemDetails = {}): void {
  const title = STATUS_CODES[status] ?? 'Error';
  const problem = { title, status, ...details, requestId: requestId(res) };
  const page = pages.get(res);
  // What a route wanted kept was its answer, not its failure.
  res.status(status).set('Cache-Control', 'no-store, max-age=0');
  if (page !== undefined) res.type('html').send(page(problem));
  else res.type('application/problem+json').json({ type: 'about:blank', ...problem });
}
