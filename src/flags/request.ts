import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { FlagName } from '../config/keys/flags.ts';
import type { FlagStore } from './store.ts';
import type { FlagView } from './view.ts';

const SUBJECT = /(?:^|;\s*)subject=([\w-]{36})(?:;|$)/;
const ONE_YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/** Let a request see the flags of one moment, in `res.locals.flagState`, however long it takes. */
export function flagState(flags: Pick<FlagStore, 'state'>): RequestHandler {
  return (_req, res, next) => {
    res.locals['flagState'] = flags.state;
    next();
  };
}

/** The flags as this request sees them. */
export function viewOf(res: Response): FlagView | undefined {
  return res.locals['flagState'] as FlagView | undefined;
}

/**
 * Hide what follows while a flag is off: mount it with `router.use(path, requireFlag(name))`, before
 * parsers and routes, so that no method and no body betrays that there is something.
 */
export function requireFlag(name: FlagName): RequestHandler {
  return (req, res, next) => {
    const flags = viewOf(res) ?? (req.app.locals['flags'] as FlagStore);
    // The error handler gives this the answer of an unknown route.
    if (!flags.isOn(name, subjectOf(req))) {
      return next(Object.assign(new Error('No route answers here.'), { code: 'NOT_FOUND' }));
    }
    // A shared cache must not show what follows to those for whom the flag is off.
    res.vary('Cookie');
    next();
  };
}

/** Give a visitor of public pages an id, so that a rollout treats every visit alike. */
export function subjectCookie(secure: boolean): RequestHandler {
  const options = { httpOnly: true, sameSite: 'lax', secure, maxAge: ONE_YEAR_MS } as const;
  return (req, res, next) => {
    if (subjectOf(req) === undefined) {
      // Whoever got it from a cache would share the id.
      res.cookie('subject', randomUUID(), options).set('Cache-Control', 'private, no-cache');
    }
    next();
  };
}

/** The visitor's id, or nothing on a first visit. */
export function subjectOf(req: Request): string | undefined {
  return SUBJECT.exec(req.headers.cookie ?? '')?.[1];
}
