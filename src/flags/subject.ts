import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';

const COOKIE = 'subject';
const ONE_YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const SUBJECT = /(?:^|;\s*)subject=([\w-]{36})(?:;|$)/;

/** Give a visitor of public pages an id, so that a rollout treats every visit alike. */
export function subjectCookie(isSecure: boolean): RequestHandler {
  return (req, res, next) => {
    if (subjectOf(req) === undefined) {
      const options = { httpOnly: true, sameSite: 'lax', secure: isSecure } as const;
      res.cookie(COOKIE, randomUUID(), { ...options, maxAge: ONE_YEAR_MS });
    }
    next();
  };
}

/** The visitor's id, or nothing on a first visit. */
export function subjectOf(req: Request): string | undefined {
  return SUBJECT.exec(req.headers.cookie ?? '')?.[1];
}
