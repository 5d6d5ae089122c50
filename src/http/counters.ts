import { createHash } from 'node:crypto';
import type { CounterStore } from './rate-limit.ts';

/** What the counters need of a Redis client. */
interface Commands {
  sendCommand(command: string[]): Promise<unknown>;
}

/** Count in Redis, for all processes together. Where it is away, an error has a `code`. */
export async function redisCounters(redis: Commands): Promise<CounterStore> {
  const { RedisStore } = await import('rate-limit-redis');
  const sendCommand = async (...command: string[]) => {
    try {
      return (await redis.sendCommand(command)) as never;
    } catch (error) {
      const [name, , script = ''] = command;
      // The store keeps the answer for good. It is the script's SHA-1, and a Redis that does not
      // know it yet is given the script once it is back.
      if (name === 'SCRIPT') return createHash('sha1').update(script).digest('hex') as never;
      throw Object.assign(error as Error, { code: 'STORE_AWAY' });
    }
  };
  return (name) => new RedisStore({ prefix: `limit:${name}:`, sendCommand });
}
