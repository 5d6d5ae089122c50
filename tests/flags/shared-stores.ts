import { afterAll, beforeAll } from 'vitest';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { lacksRedis, startRedis } from '../support/redis.ts';

/** A store that replicas share, and its end and return. */
export interface SharedStore {
  readonly vars: Record<string, string>;
  kill(): Promise<void>;
  start(): Promise<void>;
}

type Stores = [name: string, isMissing: boolean, open: () => Promise<SharedStore>][];

let running: PostgresServer | undefined;

/** The server that `useStores` has started. */
export function postgres(): PostgresServer {
  if (running === undefined) throw new Error('PostgreSQL is not running');
  return running;
}

/** The stores that replicas of one file's tests can share, each made anew by `open`. */
export function useStores(): Stores {
  beforeAll(async () => {
    if (!lacksPostgres) running = await startPostgres();
  });
  afterAll(() => running?.remove());
  const openPostgres = async () => ({
    vars: { DATABASE_URL: (await postgres().createDatabase()).url },
    kill: () => postgres().kill(),
    start: () => postgres().start(),
  });
  const openRedis = async () => {
    const redis = await startRedis();
    const vars = { FLAGS_STORE: 'redis', REDIS_URL: redis.url };
    return { vars, kill: () => redis.kill(), start: () => redis.start() };
  };
  return [
    ['PostgreSQL', lacksPostgres, openPostgres],
    ['Redis', lacksRedis, openRedis],
  ];
}
