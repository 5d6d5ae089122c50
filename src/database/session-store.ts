import { MemoryStore, type SessionData, Store } from 'express-session';
import sql, { type Sql } from 'sql-template-tag';
import type { AppConfig } from '../config/app-config.ts';
import type { Database } from './database.ts';
import type { Redis } from './redis.ts';

const PRUNE_EVERY_MS = 10 * 60 * 1000;

type Done = (error?: unknown) => void;

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
  if (config.get('SESSION_STORE') === 'memory') return new MemoryStore();
  return new DatabaseSessionStore(database, closing);
}

// In the app's own database; the ones that ended are swept out now and then.
class DatabaseSessionStore extends Store {
  readonly #database: Database;

  constructor(database: Database, closing: AbortSignal) {
    super();
    this.#database = database;
    // A sweep that fails has nothing to tell anybody; the next one does its work.
    const prune = () => this.#run(sql`DELETE FROM sessions WHERE expires_at <= ${Date.now()}`);
    const pruning = setInterval(prune, PRUNE_EVERY_MS).unref();
    closing.addEventListener('abort', () => clearInterval(pruning));
  }

  override get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    const live = sql`SELECT data FROM sessions WHERE id = ${id} AND expires_at > ${Date.now()}`;
    this.#database
      .query<{ data: string }>(live)
      .then(([row]) => row && JSON.parse(row.data))
      .then((session) => done(null, session), done);
  }

  override set(id: string, session: SessionData, done?: Done): void {
    this.#run(
      sql`INSERT INTO sessions (id, data, expires_at)
        VALUES (${id}, ${JSON.stringify(session)}, ${endOf(session)})
        ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
      done,
    );
  }

  override touch(id: string, session: SessionData, done?: Done): void {
    this.#run(sql`UPDATE sessions SET expires_at = ${endOf(session)} WHERE id = ${id}`, done);
  }

  override destroy(id: string, done?: Done): void {
    this.#run(sql`DELETE FROM sessions WHERE id = ${id}`, done);
  }

  #run(statement: Sql, done: Done = () => undefined): void {
    this.#database.query(statement).then(() => done(), done);
  }
}

function endOf({ cookie }: SessionData): number {
  return Date.now() + (cookie.originalMaxAge ?? 0);
}
