import { readdirSync, readFileSync } from 'node:fs';
import sql from 'sql-template-tag';
import type { Database } from './database.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
// Any number, as long as no other program locks the same one in this database.
const LOCK = 7_305_001;

/** A migration that failed, and with it all that would have run beside it. */
export class MigrationError extends Error {
  constructor(file: string, cause: unknown) {
    super(file, { cause });
    this.name = 'MigrationError';
  }
}

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
    await script(
      'CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at BIGINT)',
    );
    const done = new Set(
      (await query<{ name: string }>(sql`SELECT name FROM migrations`)).map(({ name }) => name),
    );
    const names = readdirSync(FOLDER)
      .filter((name) => name.endsWith('.sql') && !done.has(name))
      .sort();
    for (const name of names) {
      try {
        await script(readFileSync(new URL(name, FOLDER), 'utf8'));
      } catch (cause) {
        throw new MigrationError(name, cause);
      }
      await query(sql`INSERT INTO migrations (name, applied_at) VALUES (${name}, ${Date.now()})`);
    }
    return names;
  });
}
