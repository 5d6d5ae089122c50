import type { AppConfig } from '../config/app-config.ts';
import { inTime } from '../config/in-time.ts';
import { unusable } from './unusable.ts';

export type Redis = NonNullable<Awaited<ReturnType<typeof openRedis>>>;

const LONGEST_PAUSE_MS = 2_000;
const CONNECT_WITHIN_MS = 5_000;
const ANSWER_WITHIN_MS = 2_000;

/**
 * Connect to the server of REDIS_URL, where SESSION_STORE or FLAGS_STORE is redis; it is found again
 * by itself when it was away.
 * @throws {ConfigError} with one sentence and the masked URL, when it does not answer at first
 */
export async function openRedis(config: AppConfig) {
  const { SESSION_STORE, FLAGS_STORE, REDIS_URL } = config.snapshot;
  if (SESSION_STORE !== 'redis' && FLAGS_STORE !== 'redis') return undefined;
  const { createClient } = await import('redis');
  let isUp = false;
  const client = createClient({
    url: REDIS_URL?.reveal() ?? '',
    // A request must not wait for a server that is away.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_WITHIN_MS,
      reconnectStrategy: (tries) => (isUp ? Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS) : false),
    },
  });
  // Without a listener a lost connection would end the process; readiness tells of it.
  client.on('error', () => undefined);
  try {
    const answer = client.connect().then(() => client.ping());
    await inTime(answer, CONNECT_WITHIN_MS);
  } catch {
    client.destroy();
    throw unusable(config, 'Redis', 'REDIS_URL', {
      reason: 'does not answer, or refuses the password',
      remedy: 'start Redis, or correct the address or the password',
      unreachable: true,
    });
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
        return answer instanceof Promise ? inTime(answer, ANSWER_WITHIN_MS) : answer;
      };
    },
  });
}
