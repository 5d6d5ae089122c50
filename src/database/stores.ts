import type { Store } from 'express-session';
import type { AppConfig } from '../config/app-config.ts';
import type { Database } from './database.ts';
import type { Redis } from './redis.ts';

/** Connect to Redis where SESSION_STORE or FLAGS_STORE names it; it is imported only then. */
export async function openRedis(config: AppConfig): Promise<Redis | undefined> {
  const { SESSION_STORE, FLAGS_STORE } = config.snapshot;
  if (SESSION_STORE !== 'redis' && FLAGS_STORE !== 'redis') return undefined;
  const { connectRedis } = await import('./redis.ts');
  return connectRedis(config);
}

/** The place that SESSION_STORE names for sessions; `closing` ends its timers. */
export async function openSessionStore(
  config: AppConfig,
  database: Database,
  redis: Redis | undefined,
  closing: AbortSignal,
): Promise<Store> {
  if (redis !== undefined) {
    const { RedisStore } = await import('connect-redis');
    const ttl = () => config.get('SESSION_TTL_SECONDS');
    return new RedisStore({ client: redis, prefix: 'session:', ttl });
  }
  if (config.get('SESSION_STORE') === 'memory') {
    const { MemoryStore } = await import('express-session');
    return new MemoryStore();
  }
  const { DatabaseSessionStore } = await import('./session-store.ts');
  return new DatabaseSessionStore(database, closing);
}
