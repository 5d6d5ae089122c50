import type { CounterStore } from './rate-limit.ts';

/** What the counters need of a Redis client. */
interface Commands {
  sendCommand(command: string[]): Promise<unknown>;
}

/** Count in Redis, for all processes together. */
export async function redisCounters(redis: Commands): Promise<CounterStore> {
  const { RedisStore } = await import('rate-limit-redis');
  const sendCommand = (...command: string[]) => redis.sendCommand(command) as Promise<never>;
  return (name) => new RedisStore({ prefix: `limit:${name}:`, sendCommand });
}
