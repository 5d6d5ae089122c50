import type { RequestHandler, Response } from 'express';
import type { FlagStore } from './store.ts';
import type { FlagView } from './view.ts';

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
