import { type SessionData, Store } from 'express-session';
import sql from 'sql-template-tag';
import type { Database } from './database.ts';

const PRUNE_EVERY_MS = 10 * 60 * 1000;

type Done = (error?: unknown) => void;

/** Sessions in the app's own database; the ones that ended are swept out now and then. */
export class DatabaseSessionStore extends Store {
  readonly #database: Database;

  constructor(database: Database, closing: AbortSignal) {
    super();
    this.#database = database;
    const pruning = setInterval(() => void this.#prune(), PRUNE_EVERY_MS).unref();
    closing.addEventListener('abort', () => clearInterval(pruning));
  }

  override get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.#database
      .query<{ data: string }>(
        sql`SELECT data FROM sessions WHERE id = ${id} AND expires_at > ${Date.now()}`,
      )
      .then(([row]) => done(null, row === undefined ? null : JSON.parse(row.data)), done);
  }

  override set(id: string, session: SessionData, done: Done = ignore): void {
    this.#database
      .query(
        sql`INSERT INTO sessions (id, data, expires_at)
          VALUES (${id}, ${JSON.stringify(session)}, ${endOf(session)})
          ON CONFLICT (id) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
      )
      .then(() => done(), done);
  }

  override touch(id: string, session: SessionData, done: Done = ignore): void {
    this.#database
      .query(sql`UPDATE sessions SET expires_at = ${endOf(session)} WHERE id = ${id}`)
      .then(() => done(), done);
  }

  override destroy(id: string, done: Done = ignore): void {
    this.#database.query(sql`DELETE FROM sessions WHERE id = ${id}`).then(() => done(), done);
  }

  // A sweep that fails has nothing to tell anybody; the next one does its work.
  async #prune(): Promise<void> {
    const ended = sql`DELETE FROM sessions WHERE expires_at <= ${Date.now()}`;
    await this.#database.query(ended).catch(ignore);
  }
}

function endOf({ cookie }: SessionData): number {
  return Date.now() + (cookie.originalMaxAge ?? 0);
}

function ignore(): void {}
