import type { RequestHandler } from 'express';

/** Load a handler with the first request to it, so that what few visit costs no start. */
export function lazy(load: () => Promise<RequestHandler>): RequestHandler {
  let loading: Promise<RequestHandler> | undefined;
  return async (req, res, next) => {
    loading ??= load();
    const handler = await loading.catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return handler(req, res, next);
  };
}
