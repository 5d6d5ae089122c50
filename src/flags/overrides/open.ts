import type { AppConfig } from '../../config/app-config.ts';
import type { OverrideDatabase } from './database.ts';
import type { OverrideRedis } from './redis.ts';
import { FlagRevisionError, type OverrideStore, type StoredOverride } from './store.ts';

/** The place that FLAGS_STORE names for overrides. */
export async function openOverrides(
  config: AppConfig,
  database: OverrideDatabase,
  redis: OverrideRedis | undefined,
): Promise<OverrideStore> {
  const place = config.get('FLAGS_STORE');
  if (place === 'memory') return memoryOverrides();
  if (place === 'redis' && redis !== undefined) {
    return (await import('./redis.ts')).redisOverrides(redis);
  }
  return (await import('./database.ts')).databaseOverrides(database);
}

// Known to this process alone, and forgotten when it ends. A change is kept at once.
function memoryOverrides(): OverrideStore {
  const kept = new Map<string, StoredOverride>();
  return {
    name: 'memory',
    load: async () => [...kept.values()],
    put({ ifRevision, seen, deadline, ...change }) {
      const revision = kept.get(change.name)?.revision ?? 0;
      if (ifRevision !== undefined && ifRevision !== revision) throw new FlagRevisionError();
      const next = { ...change, revision: revision + 1 };
      kept.set(change.name, next);
      return next;
    },
    subscribe: () => () => undefined,
  };
}
