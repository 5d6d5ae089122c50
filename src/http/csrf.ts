import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { isSame } from './is-same.ts';
import { HttpProblem } from './problem.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

interface WithToken {
  csrfToken?: string;
}

const WITHOUT_TOKEN = new WeakSet<Request>();

/** Tell that no browser can have been tricked into this request: it proves itself in another way. */
export function needsNoToken(req: Request): void {
  WITHOUT_TOKEN.add(req);
}

/** Refuse changes that a page of another site asks for, by what the browser says of it. */
export function sameSiteOnly(config: AppConfig): RequestHandler {
  return (req, _res, next) => {
    const allowed = !config.get('CSRF_ENABLED') || SAFE_METHODS.has(req.method) || isOurOwn(req);
    next(allowed ? undefined : new HttpProblem(403, { detail: 'Asked for by another site.' }));
  };
}

/** Demand the session's token for every change: `X-CSRF-Token`, or the field `csrfToken`. */
export function csrfToken(config: AppConfig): RequestHandler {
  return (req, _res, next) => {
    if (!config.get('CSRF_ENABLED') || SAFE_METHODS.has(req.method)) return next();
    if (WITHOUT_TOKEN.has(req)) return next();
    const given = req.get('X-CSRF-Token') ?? fieldOf(req.body);
    const expected = (req.session as WithToken).csrfToken;
    const matches = given !== undefined && expected !== undefined && isSame(given, expected);
    next(
      matches ? undefined : new HttpProblem(403, { detail: 'The CSRF token is missing or wrong.' }),
    );
  };
}

/** The session's token, made on first use. */
export function tokenOf(req: Request): string {
  const session = req.session as WithToken;
  session.csrfToken ??= randomBytes(24).toString('base64url');
  return session.csrfToken;
}

// Browsers send Sec-Fetch-Site, older ones Origin; what sends neither is no browser.
function isOurOwn(req: Request): boolean {
  const site = req.get('Sec-Fetch-Site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = req.get('Origin');
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === req.host);
}

function fieldOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('csrfToken' in body)) return undefined;
  return typeof body.csrfToken === 'string' ? body.csrfToken : undefined;
}
