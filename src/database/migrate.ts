import { readdirSync, readFileSync } from 'node:fs';
import sql from 'sql-template-tag';
import type { Database } from './database.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
// Any number, as long as no other program locks the same one in this database.
const LOCK = 7_305_001;

/**
 * Run the migrations that this database has not seen, in the order of their numbers, all or none.
 * Of several processes that start at once one works and the others wait. Resolves to their names.
 */
export function migrate(database: Database): Promise<string[]> {
  return database.transaction(async ({ query, script }) => {
    // On SQLite the transaction itself is the lock.
    if (database.kind === 'postgres') await query(sql`SELECT pg_advisory_xact_lock(${LOCK})`);
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
      await script(readFileSync(new URL(name, FOLDER), 'utf8'));
      await query(sql`INSERT INTO migrations (name, applied_at) VALUES (${name}, ${Date.now()})`);
    }
    return names;
  });
}
