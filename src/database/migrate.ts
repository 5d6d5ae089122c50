import { readdirSync, readFileSync } from 'node:fs';
import sql from 'sql-template-tag';
import type { Database, Query } from './database.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
// Any number, as long as no other program locks the same one in this database.
const LOCK = 7_305_001;
const NOT_ALLOWED = '42501';

/** A migration that failed, and with it all that would have run beside it. */
export class MigrationError extends Error {}

/**
 * Run the migrations that this database has not seen, in the order of their numbers, all or none.
 * Of several processes that start at once one works and the others wait. Resolves to their names.
 * @throws {MigrationError}
 */
export function migrate(database: Database): Promise<string[]> {
  return database.transaction(async ({ query, script }) => {
    // On SQLite the transaction itself is the lock.
    if (database.kind === 'postgres') {
      // The others' work, and a change of a large table, may take longer than a request may.
      await script('SET LOCAL statement_timeout = 0');
      await script(`SELECT pg_advisory_xact_lock(${LOCK})`);
    }
    // CREATE ... IF NOT EXISTS needs the right to create also where nothing is to do.
    if (!(await hasTables(database.kind, query)))
      await script('CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at BIGINT)');
    const files = await missingMigrations(query);
    for (const name of files) {
      await script(readFileSync(new URL(name, FOLDER), 'utf8')).catch((error: unknown) => {
        if (Object(error).code === NOT_ALLOWED) throw error;
        throw new MigrationError(`cannot run migrations/${name}: ${whyOf(error)}`);
      });
      await query(sql`INSERT INTO migrations (name, applied_at) VALUES (${name}, ${Date.now()})`);
    }
    return files;
  });
}

/** Whether anything was ever migrated here. */
export async function hasTables(kind: Database['kind'], query: Query): Promise<boolean> {
  const tables = await query(
    kind === 'postgres'
      ? sql`SELECT 1 WHERE to_regclass('migrations') IS NOT NULL`
      : sql`SELECT 1 FROM sqlite_master WHERE name = 'migrations'`,
  );
  return tables.length > 0;
}

/** The migrations that a database has not seen, in their order. */
export async function missingMigrations(query: Query): Promise<string[]> {
  const rows = await query<{ name: string }>(sql`SELECT name FROM migrations`);
  const done = new Set(rows.map(({ name }) => name));
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sql') && !done.has(name));
  return files.sort();
}

type Fault = NodeJS.ErrnoException & { readonly errcode?: number };

// A statement that is not understood is quoted from the file; other faults may quote the data.
function whyOf(error: unknown): string {
  const { code = 'no code', errcode, message }: Fault = Object(error);
  return /^42/.test(code) || errcode === 1 ? message : code;
}
