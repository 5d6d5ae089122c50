import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'redis';
import type { AppConfig } from '../config/app-config.ts';
import { ConfigError } from '../config/problem.ts';

export type Redis = Awaited<ReturnType<typeof connectRedis>>;

const LONGEST_PAUSE_MS = 2_000;
const ANSWER_WITHIN_MS = 2_000;

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
  return impatient(client);
}

// The client's own limits end where a command is written: a server that hangs would hold requests.
function impatient<Client extends object>(client: Client): Client {
  return new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const answer: unknown = member.apply(target, args);
        return answer instanceof Promise ? inTime(answer) : answer;
      };
    },
  });
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = wait(ANSWER_WITHIN_MS, undefined, { signal: answered.signal }).then(() => {
    throw new Error('Redis does not answer in time');
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
}
