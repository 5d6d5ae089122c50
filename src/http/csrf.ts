import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { isSame } from '../config/secret.ts';
import { refuseUnless } from './errors.ts';

declare module 'express-session' {
  interface SessionData {
    csrfToken: string;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const WITHOUT_TOKEN = new WeakSet<Request>();

/** Tell that no browser can have been tricked into this request: it proves itself otherwise. */
export function needsNoToken(req: Request): void {
  WITHOUT_TOKEN.add(req);
}

/** Refuse changes that a page of another site asks for, by what the browser says of it. */
export function sameSiteOnly(config: AppConfig): RequestHandler {
  return refuseChanges(config, 'Asked for by another site.', isOurOwn);
}

/** Demand the session's token for every change: `X-CSRF-Token`, or the field `csrfToken`. */
export function csrfToken(config: AppConfig): RequestHandler {
  return refuseChanges(config, 'The CSRF token is missing or wrong.', (req) => {
    if (WITHOUT_TOKEN.has(req)) return true;
    const given: unknown = req.get('X-CSRF-Token') ?? req.body?.csrfToken;
    const expected = (req.session as Request['session'] | undefined)?.csrfToken;
    return typeof given === 'string' && expected !== undefined && isSame(given, expected);
  });
}

/** What a new session's forms must send along. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

function refuseChanges(config: AppConfig, detail: string, isAllowed: (req: Request) => boolean) {
  return refuseUnless(
    (req) => !config.get('CSRF_ENABLED') || SAFE_METHODS.has(req.method) || isAllowed(req),
    403,
    { detail },
  );
}

// Browsers send Sec-Fetch-Site, older ones Origin; what sends neither is no browser.
function isOurOwn(req: Request): boolean {
  const site = req.get('Sec-Fetch-Site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = req.get('Origin');
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === req.host);
}
