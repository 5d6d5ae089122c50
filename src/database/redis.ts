import { createClient } from 'redis';
import type { AppConfig } from '../config/app-config.ts';
import { ConfigError } from '../config/problem.ts';

export type Redis = Awaited<ReturnType<typeof connectRedis>>;

const LONGEST_PAUSE_MS = 2_000;

/**
 * Connect to the server of REDIS_URL; it is found again by itself when it was away.
 * @throws {ConfigError} with one sentence and the masked URL, when it does not answer at first
 */
export async function connectRedis(config: AppConfig) {
  const url = config.get('REDIS_URL');
  let isUp = false;
  const client = createClient({
    url: url?.reveal() ?? '',
    // A request must not wait for a server that is away.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: 5_000,
      reconnectStrategy: (tries) => (isUp ? Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS) : false),
    },
  });
  // Without a listener a lost connection would end the process; readiness tells of it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
  } catch {
    client.destroy();
    throw new ConfigError('Redis cannot be used:', [
      {
        key: 'REDIS_URL',
        reason: `${url} does not answer, or refuses the password`,
        remedy: 'start Redis, or correct the address or the password',
        unreachable: true,
      },
    ]);
  }
  isUp = true;
  return client;
}
