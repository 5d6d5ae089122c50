import type { Request } from 'express';
import { tokenOf } from '../http/csrf.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Operators } from './operators.ts';
import type { Viewer } from './pages/layout.ts';

/** Who looks at a page, and the token of the forms on it. */
export function viewerOf(req: Request, operators: Operators): Viewer {
  const operator = operators.current(req);
  if (operator === undefined) throw new HttpProblem(401);
  return { operator, csrfToken: tokenOf(req) };
}
