import type { Request, RequestHandler, Response } from 'express';
import session, { type Store } from 'express-session';
import type { AppConfig } from '../config/app-config.ts';
import type { Settings } from '../config/schema.ts';

/** What a session keeps from its login on; one that keeps nothing is never stored. */
interface Stamped {
  startedAt?: number;
}

/**
 * Give requests `req.session`. The first secret signs; cookies signed with a fallback are accepted
 * and signed anew, since every answer sends the cookie. A session ends when it is not used for
 * SESSION_TTL_SECONDS, and after SESSION_ABSOLUTE_TTL_SECONDS in any case.
 */
export function sessions(config: AppConfig, store: Store): RequestHandler {
  let handler = createHandler(config, store);
  config.onChange(['SECRET_KEY', 'SECRET_KEY_FALLBACKS', 'SESSION_TTL_SECONDS'], () => {
    handler = createHandler(config, store);
  });
  return (req, res, next) => {
    handler(req, res, (error?: unknown) => {
      // The answer is under way and the store failed: nobody is left whom an error could reach, and
      // Express would print it raw.
      if (res.headersSent) return;
      if (error !== undefined) return next(error);
      const { startedAt = Date.now() } = req.session as Stamped;
      const age = Date.now() - startedAt;
      if (age <= config.get('SESSION_ABSOLUTE_TTL_SECONDS') * 1000) return next();
      req.session.regenerate(next);
    });
  };
}

/** Start a session of a new id, as a login must. */
export async function renewSession(req: Request): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    req.session.regenerate((error) => (error ? reject(error) : resolve()));
  });
  (req.session as Stamped).startedAt = Date.now();
}

/** End the session, so that its cookie is worth nothing, and take the cookie back. */
export async function endSession(config: AppConfig, req: Request, res: Response): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    req.session.destroy((error) => (error ? reject(error) : resolve()));
  });
  res.clearCookie(cookieName(config.snapshot), cookieOptions(config.snapshot));
}

// `__Host-` keeps other hosts of the domain, and plain http, from planting a session cookie.
// https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
function cookieName(settings: Settings): string {
  const { SESSION_COOKIE_NAME: name, SESSION_COOKIE_DOMAIN: domain } = settings;
  const isOfThisHost =
    settings.SESSION_COOKIE_SECURE && settings.SESSION_COOKIE_PATH === '/' && domain === undefined;
  return isOfThisHost && !/^__(?:Host|Secure)-/i.test(name) ? `__Host-${name}` : name;
}

function cookieOptions(settings: Settings) {
  return {
    secure: settings.SESSION_COOKIE_SECURE,
    httpOnly: settings.SESSION_COOKIE_HTTPONLY,
    sameSite: settings.SESSION_COOKIE_SAMESITE,
    path: settings.SESSION_COOKIE_PATH,
    ...(settings.SESSION_COOKIE_DOMAIN && { domain: settings.SESSION_COOKIE_DOMAIN }),
  };
}

function createHandler(config: AppConfig, store: Store): RequestHandler {
  const settings = config.snapshot;
  return session({
    store,
    name: cookieName(settings),
    secret: [settings.SECRET_KEY.reveal(), ...settings.SECRET_KEY_FALLBACKS.reveal()],
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { ...cookieOptions(settings), maxAge: settings.SESSION_TTL_SECONDS * 1000 },
  });
}
