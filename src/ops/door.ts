import type { RequestHandler } from 'express';
import { lazy } from '../http/lazy.ts';
import type { OpsParts } from './routes.ts';

interface Services extends Omit<OpsParts, 'redis' | 'closing'> {
  readonly greetings: (() => Promise<readonly string[]>)[];
}

/**
 * The operator's door, loaded with the first request to it, so that it costs no start. `redis` is
 * where sessions are kept, and counters with them, if SESSION_STORE says so.
 */
export function door(
  { greetings, ...services }: Services,
  redis: OpsParts['redis'],
  closing: AbortSignal,
): RequestHandler {
  greetings.push(async () => (await import('./development-admin.ts')).welcome(services.config));
  return lazy(async () => (await import('./routes.ts')).ops({ ...services, redis, closing }));
}
