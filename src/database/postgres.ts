import pg from 'pg';
import type { Sql } from 'sql-template-tag';
import type { Database, Transaction } from './database.ts';
import { listenTo } from './listen.ts';

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
  idle_in_transaction_session_timeout: 15_000,
};

// BIGINT comes as text, since it may pass 2^53; what is kept here are milliseconds and counters.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Open a pool of connections to PostgreSQL; the first query makes the first one. */
export function openPostgres(connectionString: string): Database {
  const pool = new pg.Pool({ ...LIMITS, connectionString });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  return {
    kind: 'postgres',
    query: async (statement) => (await pool.query(toPostgres(statement))).rows,
    transaction: (work) => inTransaction(pool, work),
    listen: (channel, heard) =>
      listenTo(() => new pg.Client({ ...CLIENT, connectionString }), channel, heard),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    const result = await work({
      query: async (statement) => (await client.query(toPostgres(statement))).rows,
      script: async (text) => void (await client.query(text)),
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

function toPostgres({ text, values }: Sql): pg.QueryConfig {
  return { text, values };
}
