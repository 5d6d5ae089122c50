import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Sql } from 'sql-template-tag';
import type { Database, Transaction } from './database.ts';
import { listenTo } from './listen.ts';

const PASSWORD_REFUSED = '28P01';
const CLIENT = {
  application_name: 'strata',
  connectionTimeoutMillis: 5_000,
  keepAlive: true,
};
const LIMITS = {
  ...CLIENT,
  max: 10,
  idleTimeoutMillis: 30_000,
  statement_timeout: 15_000,
  // For a server that hangs, and cannot end a statement itself.
  query_timeout: 20_000,
  idle_in_transaction_session_timeout: 15_000,
};

// A migration may take its time.
const PATIENT = { query_timeout: 24 * 60 * 60 * 1000 };

// BIGINT comes as text, since it may pass 2^53; what is kept here are milliseconds and counters.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

// Where the password is wrong for good, stores must not be asked with every query.
const REFRESH_AT_MOST_EVERY_MS = 5_000;

/**
 * Open a pool of connections to PostgreSQL; the first query makes the first one. Each connection
 * asks `url` anew. When its password is refused, `refresh` is called once and the login tried again.
 */
export function openPostgres(url: () => string, refresh: () => Promise<unknown>): Database {
  class Client extends pg.Client {
    constructor(options?: pg.ClientConfig) {
      super({ ...options, connectionString: url() });
    }
  }
  const pool = new pg.Pool({ ...LIMITS, Client });
  const ask = sparing(refresh);
  const loggedIn = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== PASSWORD_REFUSED) throw error;
      await ask();
      return work();
    }
  };
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  return {
    kind: 'postgres',
    query: async (statement) => (await loggedIn(() => pool.query(toPostgres(statement)))).rows,
    transaction: async (work) => inTransaction(await loggedIn(() => pool.connect()), work),
    listen: (channel, heard) => listenTo(() => new Client(CLIENT), channel, heard),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(
  client: pg.PoolClient,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  let broken = false;
  // The pool does not listen for it here: a connection that breaks would end the process.
  const breaks = () => {
    broken = true;
  };
  client.on('error', breaks);
  try {
    await client.query('BEGIN');
    const result = await work({
      query: async (statement) => (await client.query(toPostgres(statement))).rows,
      script: async (text) => void (await client.query({ text, ...PATIENT })),
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(breaks);
    throw error;
  } finally {
    client.off('error', breaks);
    client.release(broken);
  }
}

// Calls share one answer, which a wait bounds: what is asked may itself wait for the database.
function sparing(refresh: () => Promise<unknown>): () => Promise<unknown> {
  let answer: Promise<unknown> | undefined;
  return () => {
    if (answer === undefined) {
      answer = Promise.race([
        refresh().catch(() => undefined),
        wait(REFRESH_AT_MOST_EVERY_MS, undefined, { ref: false }),
      ]);
      setTimeout(() => {
        answer = undefined;
      }, REFRESH_AT_MOST_EVERY_MS).unref();
    }
    return answer;
  };
}

function toPostgres({ text, values }: Sql): pg.QueryConfig {
  return { text, values };
}
