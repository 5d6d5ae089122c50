import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { inTime } from '../config/in-time.ts';
import type { Database } from './database.ts';

const PASSWORD_REFUSED = '28P01';
// Where the password is wrong for good, stores must not be asked with every query.
const REFRESH_AT_MOST_EVERY_MS = 5_000;
const LONGEST_PAUSE_MS = 2_000;
const CLIENT = { application_name: 'strata', connectionTimeoutMillis: 5_000, keepAlive: true };
const LIMITS = {
  ...CLIENT,
  max: 10,
  idleTimeoutMillis: 30_000,
  statement_timeout: 5_000,
  // For a server that hangs, and cannot end a statement itself.
  query_timeout: 6_000,
  idle_in_transaction_session_timeout: 15_000,
};
// A migration may take its time.
const PATIENT = { query_timeout: 24 * 60 * 60 * 1000 };
// Behind a statement that hangs it would wait; the end of the connection does the same.
const HASTY = { query_timeout: 500 };

// BIGINT comes as text, since it may pass 2^53; what is kept here are milliseconds and counters.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Open a pool of connections to PostgreSQL; the first query makes the first one. Each connection
 * asks `url` anew. When its password is refused the login is tried again, once `refresh` has looked
 * for the new one; at once where `hasOther` says that `url` gives another one now.
 */
export function openPostgres(
  url: () => string,
  refresh: () => Promise<unknown>,
  hasOther = () => false,
): Database {
  class Client extends pg.Client {
    constructor(options?: pg.ClientConfig) {
      super({ ...options, connectionString: url() });
      // A connection that breaks is replaced; without a listener it would end the process.
      this.on('error', ignore);
    }
  }
  const pool = new pg.Pool({ ...LIMITS, Client }).on('error', ignore);
  let refreshed = { at: 0, answer: Promise.resolve<unknown>(undefined) };
  const loggedIn = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== PASSWORD_REFUSED) throw error;
      if (hasOther()) return work();
      if (Date.now() - refreshed.at > REFRESH_AT_MOST_EVERY_MS) {
        const answer = inTime(refresh(), REFRESH_AT_MOST_EVERY_MS).catch(ignore);
        refreshed = { at: Date.now(), answer };
      }
      await refreshed.answer;
      return work();
    }
  };
  return {
    kind: 'postgres',
    query: async (statement) => (await loggedIn(() => pool.query(statement))).rows,
    async transaction(work) {
      const client = await loggedIn(() => pool.connect());
      try {
        await client.query('BEGIN');
        const result = await work({
          query: async (statement) => (await client.query(statement)).rows,
          script: async (text) => void (await client.query({ text, ...PATIENT })),
        });
        await client.query('COMMIT');
        client.release();
        return result;
      } catch (error) {
        const rollback = client.query({ text: 'ROLLBACK', ...HASTY });
        client.release(await rollback.then(() => false).catch(() => true));
        throw error;
      }
    },
    listen(channel, heard) {
      const closing = new AbortController();
      const listening = listenTo(() => new Client(CLIENT), channel, heard, closing.signal);
      return () => {
        closing.abort();
        return listening;
      };
    },
    close: () => pool.end(),
  };
}

// Keeps one connection, and makes a new one whenever it breaks. Notices may be lost then, so that
// its coming and going are heard, too.
async function listenTo(
  makeClient: () => pg.Client,
  channel: string,
  heard: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; !signal.aborted; tries += 1) {
    const client = makeClient().on('notification', heard);
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      tries = 0;
      heard();
      await once(client, 'end', { signal });
    } catch {}
    await client.end().catch(ignore);
    if (signal.aborted) return;
    heard();
    const pause = Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS);
    await wait(pause, undefined, { ref: false, signal }).catch(ignore);
  }
}

function ignore(): void {}
