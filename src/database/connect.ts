import { resolve } from 'node:path';
import sql from 'sql-template-tag';
import type { AppConfig } from '../config/app-config.ts';
import { parseDatabaseUrl } from '../config/database-url.ts';
import { ConfigError } from '../config/problem.ts';
import type { Secret } from '../config/secret.ts';
import type { Database } from './database.ts';
import { MigrationError, migrate } from './migrate.ts';

// What is recognized in a driver's code and message; the message itself may quote a value.
const REASONS: readonly (readonly [said: RegExp, reason: string])[] = [
  [/^28|password must be a string/, 'refuses the user or the password'],
  [/^3D000/, 'has no database of that name'],
  [/^53300/, 'has no connection left'],
  [/^57P03/, 'is starting up or shutting down'],
  [/^ECONNREFUSED/, 'does not answer: nothing listens there'],
  [/^(?:ENOTFOUND|EAI_AGAIN)/, 'cannot be found: no host has that name'],
  [/not support SSL/, 'does not speak TLS, which sslmode asks for'],
  [/timeout/i, 'does not answer in time'],
  [/database is locked/, 'is locked by another program'],
  [
    /^(?:ERR_SQLITE_ERROR|EACCES|EPERM|EROFS|EISDIR|ENOTDIR|EEXIST) /,
    'cannot be opened: is it a database that this user may write?',
  ],
];

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
    throw unusable(error, url, config);
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
    throw unusable(error, url, config);
  }
}

function unusable(error: unknown, url: Secret, config: AppConfig): Error {
  const origin = config.origin('DATABASE_URL')?.source;
  const isFile = parseDatabaseUrl(url.reveal()).kind === 'sqlite';
  const remedy = isFile
    ? 'name another file, or let this user write it and its folder'
    : 'start the database, or correct the address, the user or the password';
  return new ConfigError('The database cannot be used:', [
    {
      key: 'DATABASE_URL',
      ...(origin === undefined ? {} : { origin }),
      ...(error instanceof MigrationError
        ? { reason: `${url} ${failedMigration(error)}`, remedy: 'correct the migration' }
        : { reason: `${url} ${reasonOf(error)}`, remedy, unreachable: true }),
    },
  ]);
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const said = `${code} ${error instanceof Error ? error.message : ''}`;
  return REASONS.find(([pattern]) => pattern.test(said))?.[1] ?? `does not work (${code})`;
}

// A statement that is not understood is quoted from the file; other faults may quote the data.
function failedMigration({ message: file, cause }: MigrationError): string {
  const isSyntax =
    /^42/.test(codeOf(cause)) ||
    (cause instanceof Error && 'errcode' in cause && cause.errcode === 1);
  const why = isSyntax && cause instanceof Error ? cause.message : codeOf(cause);
  return `cannot run migrations/${file}: ${why}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no code';
}
