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

export interface ShownProblem extends ProblemDetails {
  readonly title: string;
  readonly status: number;
  readonly requestId: string;
}

const pages = new WeakMap<object, (problem: ShownProblem) => string>();

/** Answer this request's problems with a page: for routes that browsers ask. */
export function answerProblemsWith(res: Response, page: (problem: ShownProblem) => string): void {
  pages.set(res, page);
}

/** Answer with `application/problem+json`. https://www.rfc-editor.org/rfc/rfc9457 */
export function sendProblem(res: Response, status: number, details: ProblemDetails = {}): void {
  const title = STATUS_CODES[status] ?? 'Error';
  const problem = { title, status, ...details, requestId: requestId(res) };
  const page = pages.get(res);
  // What a route wanted kept was its answer, not its failure.
  res.status(status).set('Cache-Control', 'no-store, max-age=0');
  if (page !== undefined) res.type('html').send(page(problem));
  else res.type('application/problem+json').json({ type: 'about:blank', ...problem });
}
