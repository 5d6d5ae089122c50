import type { Request, RequestHandler, Response } from 'express';
import session, { type SessionData, type Store } from 'express-session';
import type { AppConfig } from '../config/app-config.ts';
import { StoreAwayError } from '../config/store-away.ts';
import { HttpProblem } from './errors.ts';

declare module 'express-session' {
  interface SessionData {
    /** When its login was; a session that keeps nothing is never stored. */
    startedAt: number;
  }
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
  const lifetime = () => config.get('SESSION_TTL_SECONDS') * 1000;
  const { name, options } = cookieOf(config);
  const handler = session({
    store,
    name,
    secret,
    cookie: () => ({ ...options, maxAge: lifetime() }),
    resave: false,
    saveUninitialized: false,
    rolling: true,
  });
  return async (req, res, next) => {
    // It calls back again when the store fails at the end: nobody is left whom that could reach.
    await settled((done) => handler(req, res, done));
    // Outside SESSION_COOKIE_PATH there is none; a path may be spelt in capitals, a cookie's not.
    if (req.session === undefined) throw new HttpProblem(404);
    req.session.cookie.maxAge = lifetime();
    const { startedAt = Date.now() } = req.session;
    const isOver = Date.now() - startedAt > config.get('SESSION_ABSOLUTE_TTL_SECONDS') * 1000;
    if (isOver) await settled((done) => req.session.regenerate(done));
    next();
  };
}

/** Begin a session of a new id, as a login must; it is kept before anything is answered. */
export async function beginSession(req: Request, data: Partial<SessionData>): Promise<void> {
  await settled((done) => req.session.regenerate(done));
  Object.assign(req.session, data, { startedAt: Date.now() });
  await settled((done) => req.session.save(done));
}

/** End the session, so that its cookie is worth nothing, and take the cookie back. */
export async function endSession(config: AppConfig, req: Request, res: Response): Promise<void> {
  await settled((done) => req.session.destroy(done));
  const { name, options } = cookieOf(config);
  res.clearCookie(name, options);
}

/** The secret that signs, and then those that are still accepted. */
export function signingKeys({ snapshot }: AppConfig): string[] {
  return [snapshot.SECRET_KEY.reveal(), ...snapshot.SECRET_KEY_FALLBACKS.reveal()];
}

async function settled(work: (done: (error?: unknown) => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  work((error) => (error ? reject(error) : resolve()));
  await promise.catch((cause: unknown) => {
    throw new StoreAwayError('the session store is away', { cause });
  });
}

// `__Host-` keeps other hosts of the domain, and plain http, from planting a session cookie.
// https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
function cookieOf({ snapshot }: AppConfig) {
  const { SESSION_COOKIE_NAME: name, SESSION_COOKIE_DOMAIN: domain } = snapshot;
  const options = {
    secure: snapshot.SESSION_COOKIE_SECURE,
    httpOnly: snapshot.SESSION_COOKIE_HTTPONLY,
    sameSite: snapshot.SESSION_COOKIE_SAMESITE,
    path: snapshot.SESSION_COOKIE_PATH,
    ...(domain && { domain }),
  };
  const isOfThisHost = options.secure && options.path === '/' && domain === undefined;
  const isPrefixed = /^__(?:Host|Secure)-/i.test(name);
  return { name: isOfThisHost && !isPrefixed ? `__Host-${name}` : name, options };
}
