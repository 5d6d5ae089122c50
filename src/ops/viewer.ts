import type { Request, RequestHandler, Response } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { answerProblemsWith } from '../http/errors.ts';
import { wantsPage } from './access.ts';
import type { Operators } from './operators.ts';
import { layout, type Page, type Viewer } from './pages/layout.ts';
import { problemPage } from './pages/problem.ts';
import type { Door } from './routes.ts';

/** Answer with a page. */
export function sendPage(config: AppConfig, res: Response, page: Page, viewer?: Viewer): void {
  res.type('html').send(layout(config.snapshot, page, viewer).markup);
}

/** A route that is a page to an operator with a browser, and JSON to everything else. */
export function pageOrJson(
  { config, operators }: Pick<Door, 'config' | 'operators'>,
  page: (viewer: Viewer, req: Request) => Page | Promise<Page>,
  json: (req: Request) => unknown,
): RequestHandler {
  return async (req, res) => {
    res.vary('Accept');
    const viewer = wantsPage(req) ? viewerOf(req, operators) : undefined;
    if (viewer) sendPage(config, res, await page(viewer, req), viewer);
    else res.json(await json(req));
  };
}

/** Give a browser its problems as pages. */
export function problemPages(config: AppConfig, operators: Operators): RequestHandler {
  return (req, res, next) => {
    res.vary('Accept');
    if (!wantsPage(req)) return next();
    answerProblemsWith(res, (problem) => {
      const viewer = viewerOf(req, operators);
      const page = problemPage(problem, viewer !== undefined, res.get('Retry-After'));
      return layout(config.snapshot, page, viewer).markup;
    });
    next();
  };
}

// Who looks, where there is a session: a machine has none, and it may be what has failed.
function viewerOf(req: Request, operators: Operators): Viewer | undefined {
  const operator = 'session' in req ? operators.current(req) : undefined;
  // Its login made the token. To write into a session that ends meanwhile would bring it back.
  return operator && { operator, csrfToken: req.session.csrfToken ?? '' };
}
