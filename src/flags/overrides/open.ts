import type { AppConfig } from '../../config/app-config.ts';
import type { OverrideDatabase } from './database.ts';
import type { OverrideRedis } from './redis.ts';
import type { OverrideStore } from './store.ts';

/** The place that FLAGS_STORE names for overrides. */
export async function openOverrides(
  config: AppConfig,
  database: OverrideDatabase,
  redis: OverrideRedis | undefined,
): Promise<OverrideStore> {
  if (config.get('FLAGS_STORE') === 'memory') {
    const { memoryOverrides } = await import('./memory.ts');
    return memoryOverrides();
  }
  if (redis !== undefined && config.get('FLAGS_STORE') === 'redis') {
    const { redisOverrides } = await import('./redis.ts');
    return redisOverrides(redis);
  }
  const { databaseOverrides } = await import('./database.ts');
  return databaseOverrides(database);
}
