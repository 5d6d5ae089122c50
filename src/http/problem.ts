import type { Response } from 'express';
import type { Problem } from '../config/model.ts';
import { requestId } from './access-log.ts';
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
    super(STATUS_CODES[status] ?? 'Error');
    this.name = 'HttpProblem';
    this.status = status;
    this.details = details;
  }
}

/** Answer with `application/problem+json`. https://www.rfc-editor.org/rfc/rfc9457 */
export function sendProblem(res: Response, status: number, details: ProblemDetails = {}): void {
  res
    .status(status)
    // What a route wanted kept was its answer, not its failure.
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .json({
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      ...details,
      requestId: requestId(res),
    });
}
