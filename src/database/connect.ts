import { resolve } from 'node:path';
import sql from 'sql-template-tag';
import type { AppConfig } from '../config/app-config.ts';
import { parseDatabaseUrl } from '../config/database-url.ts';
import { ConfigError } from '../config/problem.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';

const REASONS = new Map([
  ['28P01', 'refuses the user or the password'],
  ['28000', 'refuses the user or the password'],
  ['3D000', 'has no database of that name'],
  ['ECONNREFUSED', 'does not answer: nothing listens there'],
  ['ENOTFOUND', 'cannot be found: no host has that name'],
  ['EAI_AGAIN', 'cannot be found: no host has that name'],
  ['ERR_SQLITE_ERROR', 'cannot be opened: is the file a database that this user may write?'],
]);

interface Connected {
  readonly database: Database;
  /** The migrations that were run. */
  readonly migrated: readonly string[];
}

/**
 * Open the database of DATABASE_URL, ask it something, and bring its tables up to date.
 * @throws {ConfigError} with one sentence and the masked URL, when it cannot be used
 */
export async function connectDatabase(config: AppConfig): Promise<Connected> {
  const url = config.get('DATABASE_URL');
  const database = await open(config);
  try {
    await database.query(sql`SELECT 1`);
    return { database, migrated: await migrate(database) };
  } catch (error) {
    await database.close();
    throw unusable(error, String(url), config);
  }
}

async function open(config: AppConfig): Promise<Database> {
  const url = config.get('DATABASE_URL');
  const parsed = parseDatabaseUrl(url.reveal());
  if (parsed.kind !== 'sqlite') {
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres(
      () => config.get('DATABASE_URL').reveal(),
      () => config.reload({ by: 'refused login to the database' }),
    );
  }
  const { openSqlite } = await import('./sqlite.ts');
  const isMemory = parsed.file === ':memory:';
  try {
    return openSqlite(isMemory ? parsed.file : resolve(config.instanceDir, parsed.file));
  } catch (error) {
    throw unusable(error, String(url), config);
  }
}

// A driver's message may quote the user, the host or a statement.
function unusable(error: unknown, shown: string, config: AppConfig): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const origin = config.origin('DATABASE_URL')?.source;
  return new ConfigError('The database cannot be used:', [
    {
      key: 'DATABASE_URL',
      reason: `${shown} ${REASONS.get(code) ?? `does not work (${code || 'no answer in time'})`}`,
      ...(origin === undefined ? {} : { origin }),
      remedy: 'start the database, or correct the address, the user or the password',
      unreachable: true,
    },
  ]);
}
