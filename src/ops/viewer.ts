import type { Request, RequestHandler, Response } from 'express';
import { tokenOf } from '../http/csrf.ts';
import { HttpProblem } from '../http/errors.ts';
import type { Html } from '../http/html.ts';
import { wantsPage } from './access.ts';
import type { Operators } from './operators.ts';
import type { Viewer } from './pages/layout.ts';

interface Noted {
  notice?: string | undefined;
}

/** Who looks at a page, the token of the forms on it, and what the last form did. */
export function viewerOf(req: Request, operators: Operators): Viewer {
  const operator = operators.current(req);
  if (operator === undefined) throw new HttpProblem(401);
  const session = req.session as Noted;
  const { notice } = session;
  delete session.notice;
  return { operator, csrfToken: tokenOf(req), notice };
}

/** Say on the next page that this operator sees what the form has done. */
export function leaveNotice(req: Request, notice: string): void {
  (req.session as Noted).notice = notice;
}

/** Answer with a page. */
export function sendPage(res: Response, page: Html, status = 200): void {
  res.status(status).type('html').send(page.markup);
}

/** A route that is a page to an operator with a browser, and JSON to everything else. */
export function pageOrJson(
  operators: Operators,
  page: (viewer: Viewer, req: Request) => Html | Promise<Html>,
  json: (req: Request) => unknown,
): RequestHandler {
  return async (req, res) => {
    res.vary('Accept');
    if (wantsPage(req) && 'session' in req)
      sendPage(res, await page(viewerOf(req, operators), req));
    else res.json(await json(req));
  };
}
