import type { RequestHandler } from 'express';
import type { AppConfig } from '../config/app-config.ts';

/** Let the pages of CORS_ORIGINS call the app; without any, no CORS header is sent. */
export async function crossOrigin(config: AppConfig): Promise<RequestHandler> {
  let handler = await createHandler(config);
  config.onChange(['CORS_ORIGINS'], async () => {
    handler = await createHandler(config);
  });
  return (req, res, next) => handler(req, res, next);
}

async function createHandler(config: AppConfig): Promise<RequestHandler> {
  const origin = [...config.get('CORS_ORIGINS')];
  if (origin.length === 0) return (_req, _res, next) => next();
  const { default: cors } = await import('cors');
  return cors({ origin, credentials: true, maxAge: 600 });
}
