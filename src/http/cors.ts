import type { RequestHandler } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { lazy } from './lazy.ts';

/** Let the pages of CORS_ORIGINS call the app; without any, no CORS header is sent. */
export function crossOrigin(config: AppConfig): RequestHandler {
  const handler = lazy(async () => {
    const { default: cors } = await import('cors');
    const common = { credentials: true, maxAge: 600 };
    return cors((_req, done) => done(null, { ...common, origin: [...config.get('CORS_ORIGINS')] }));
  });
  return (req, res, next) =>
    config.get('CORS_ORIGINS').length === 0 ? next() : handler(req, res, next);
}
