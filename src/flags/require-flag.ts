import type { RequestHandler } from 'express';
import type { FlagName } from '../config/keys/flags.ts';
import { viewOf } from './request-state.ts';
import type { FlagStore } from './store.ts';
import { subjectOf } from './subject.ts';

/** No route answers here: the error handler gives it the answer of an unknown route. */
class NotFoundError extends Error {
  readonly code = 'NOT_FOUND';
}

/**
 * Hide what follows while a flag is off: mount it with `router.use(path, requireFlag(name))`, before
 * parsers and routes, so that no method and no body betrays that there is something.
 */
export function requireFlag(name: FlagName): RequestHandler {
  return (req, res, next) => {
    const flags = viewOf(res) ?? (req.app.locals['flags'] as FlagStore);
    next(flags.isOn(name, subjectOf(req)) ? undefined : new NotFoundError());
  };
}
