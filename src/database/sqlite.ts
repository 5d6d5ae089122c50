import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import sql, { type Sql } from 'sql-template-tag';
import type { Database } from './database.ts';

// https://sqlite.org/rescode.html#busy
const BUSY = 5;
const BUSY_TIMEOUT_MS = 5_000;
const TRY_AGAIN_MS = 50;
const LISTEN_EVERY_MS = 500;

/** Open the embedded database: `:memory:`, or a file; a new one is for this user alone. */
export function openSqlite(file: string, { look = false } = {}): Database {
  const isFile = file !== ':memory:';
  const isNew = isFile && !existsSync(file);
  if (isNew) mkdirSync(dirname(file), { recursive: true });
  const connection = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readOnly: look });
  if (isNew) chmodSync(file, 0o600);
  // Readers do not wait for the writer: https://sqlite.org/wal.html
  if (!look) connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  // SQLite's own waiting stops the whole process.
  connection.exec('PRAGMA busy_timeout = 0');

  const statements = new Map<string, StatementSync>();
  const run = <Row>({ sql: text, values }: Sql): Row[] => {
    const statement = statements.get(text) ?? connection.prepare(text);
    statements.set(text, statement);
    return statement.all(...values.map(toSqlite)) as Row[];
  };
  // One connection: whoever comes while a transaction waits, waits, too, and that time counts.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: (end: number) => T | Promise<T>): Promise<T> => {
    const end = Date.now() + BUSY_TIMEOUT_MS;
    const result = last.then(() => work(end));
    last = result.catch(() => undefined);
    return result;
  };
  return {
    kind: 'sqlite',
    query: (statement) => inTurn((end) => unlocked(end, () => run(statement))),
    transaction: (work) =>
      inTurn(async (end) => {
        await unlocked(end, () => connection.exec('BEGIN IMMEDIATE'));
        try {
          const result = await work({
            query: async (statement) => run(statement),
            script: async (text) => connection.exec(text),
          });
          await unlocked(end, () => connection.exec('COMMIT'));
          return result;
        } catch (error) {
          // SQLite has ended it already where the disk is full.
          if (connection.isTransaction) connection.exec('ROLLBACK');
          throw error;
        }
      }),
    listen(_channel, heard) {
      if (!isFile) return () => undefined;
      // It tells of other connections' changes alone: https://sqlite.org/pragma.html#pragma_data_version
      const version = () => JSON.stringify(run(sql`PRAGMA data_version`));
      let seen = version();
      const polling = setInterval(() => {
        void inTurn(version).then((now) => {
          if (now !== seen) heard();
          seen = now;
        }, heard);
      }, LISTEN_EVERY_MS).unref();
      return () => clearInterval(polling);
    },
    close: () => inTurn(() => connection.close()),
  };
}

// Gives another program that writes time to end, while this one answers what needs no database.
async function unlocked<T>(end: number, work: () => T): Promise<T> {
  while (true) {
    try {
      return work();
    } catch (error) {
      if (Object(error).errcode % 256 !== BUSY || Date.now() > end) throw error;
    }
    await wait(TRY_AGAIN_MS * Math.random());
  }
}

function toSqlite(value: unknown): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : (value as SQLInputValue);
}
