import { type RequestHandler, Router } from 'express';

export interface Readiness {
  /** Whether load balancers should send requests here. */
  isReady(): boolean;
  /** Not ready from now on: the process is about to end. */
  drain(): void;
}

/** A new app is ready; a draining one never is again. */
export function createReadiness(): Readiness {
  let draining = false;
  return {
    isReady: () => !draining,
    drain: () => {
      draining = true;
    },
  };
}

/** `/livez` says that the process answers, `/readyz` that it wants requests. */
export function health(readiness: Readiness): Router {
  const answer =
    (isWell: () => boolean): RequestHandler =>
    (_req, res) => {
      const well = isWell();
      res
        .status(well ? 200 : 503)
        .set('Cache-Control', 'no-store')
        .json({ status: well ? 'ok' : 'unavailable' });
    };
  return Router()
    .get(
      '/livez',
      answer(() => true),
    )
    .get(
      '/readyz',
      answer(() => readiness.isReady()),
    );
}
