import type { CookieOptions, Request, RequestHandler, Response } from 'express';
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
  // It looks into this list and asks for the cookie with each request, so that a reload counts.
  const secret = signingKeys(config);
  config.onChange(['SECRET_KEY', 'SECRET_KEY_FALLBACKS'], () => {
    secret.splice(0, secret.length, ...signingKeys(config));
  });
  const handler = session({
    store,
    name: cookieName(config.snapshot),
    secret,
    cookie: () => ({ ...cookieOptions(config.snapshot), maxAge: lifetime(config) }),
    resave: false,
    saveUninitialized: false,
    rolling: true,
  });
  return (req, res, next) => {
    handler(req, res, (error?: unknown) => {
      // The answer is under way and the store failed: nobody is left whom an error could reach, and
      // Express would print it raw.
      if (res.headersSent) return;
      if (error !== undefined) return next(storeIsAway(error));
      // Outside SESSION_COOKIE_PATH there is none.
      if ((req.session as unknown) === undefined) return next();
      req.session.cookie.maxAge = lifetime(config);
      const { startedAt = Date.now() } = req.session as Stamped;
      const age = Date.now() - startedAt;
      if (age <= config.get('SESSION_ABSOLUTE_TTL_SECONDS') * 1000) return next();
      settled((done) => req.session.regenerate(done)).then(() => next(), next);
    });
  };
}

/** Start a session of a new id, as a login must. */
export async function renewSession(req: Request): Promise<void> {
  await settled((done) => req.session.regenerate(done));
  (req.session as Stamped).startedAt = Date.now();
}

/** Keep the session now, for an answer that must not be given where that fails. */
export function saveSession(req: Request): Promise<void> {
  return settled((done) => req.session.save(done));
}

/** End the session, so that its cookie is worth nothing, and take the cookie back. */
export async function endSession(config: AppConfig, req: Request, res: Response): Promise<void> {
  await settled((done) => req.session.destroy(done));
  res.clearCookie(cookieName(config.snapshot), cookieOptions(config.snapshot));
}

function settled(work: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => (error ? reject(storeIsAway(error)) : resolve()));
  });
}

function storeIsAway(cause: unknown): Error {
  const away = new Error('the session store is away', { cause });
  return Object.assign(away, { code: 'STORE_AWAY' });
}

function signingKeys({ snapshot }: AppConfig): string[] {
  return [snapshot.SECRET_KEY.reveal(), ...snapshot.SECRET_KEY_FALLBACKS.reveal()];
}

// `__Host-` keeps other hosts of the domain, and plain http, from planting a session cookie.
// https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
function cookieName(settings: Settings): string {
  const { SESSION_COOKIE_NAME: name, SESSION_COOKIE_DOMAIN: domain } = settings;
  const isOfThisHost =
    settings.SESSION_COOKIE_SECURE && settings.SESSION_COOKIE_PATH === '/' && domain === undefined;
  return isOfThisHost && !/^__(?:Host|Secure)-/i.test(name) ? `__Host-${name}` : name;
}

function cookieOptions(settings: Settings): CookieOptions {
  return {
    secure: settings.SESSION_COOKIE_SECURE,
    httpOnly: settings.SESSION_COOKIE_HTTPONLY,
    sameSite: settings.SESSION_COOKIE_SAMESITE,
    path: settings.SESSION_COOKIE_PATH,
    ...(settings.SESSION_COOKIE_DOMAIN && { domain: settings.SESSION_COOKIE_DOMAIN }),
  };
}

function lifetime(config: AppConfig): number {
  return config.get('SESSION_TTL_SECONDS') * 1000;
}
