import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AppConfig } from '../config/app-config.ts';
import { type DatabaseUrl, parseDatabaseUrl } from '../config/database-url.ts';
import type { Settings } from '../config/schema.ts';
import type { Database } from './database.ts';
import { hasTables, MigrationError, migrate, missingMigrations } from './migrate.ts';
import { unusable } from './unusable.ts';

// What is recognized in a driver's code and message; the message itself may quote a value.
const REASONS: readonly (readonly [said: RegExp, reason: string, remedy?: string])[] = [
  [/^28|password must be a string/, 'refuses the user or the password'],
  [/^3D000/, 'has no database of that name'],
  [/^42501/, 'lets this user make or read no tables', 'run npm run migrate as their owner'],
  [/lacks migrations/, 'lacks tables of this version', 'run npm run migrate'],
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

const NOWHERE = { kind: 'sqlite', file: ':memory:' } as const;

/**
 * Open the database of DATABASE_URL, and bring its tables up to date: `migrated` is what that ran.
 * Whoever only looks changes nothing: for a database that has no tables yet stand empty ones.
 * @throws {ConfigError} with one sentence and the masked URL, when it cannot be used
 */
export async function connectDatabase(config: AppConfig, { look = false } = {}) {
  const url = parseDatabaseUrl(config.get('DATABASE_URL').reveal());
  let database: Database | undefined;
  try {
    database = await open(config, url, look);
    if (look && (await hasTables(database.kind, database.query))) {
      if ((await missingMigrations(database.query)).length > 0) throw new Error('lacks migrations');
      return { database, migrated: [] };
    }
    if (look) {
      await database.close();
      database = await open(config, NOWHERE, look);
    }
    return { database, migrated: await migrate(database) };
  } catch (error) {
    await database?.close();
    const usual =
      url.kind === 'sqlite'
        ? 'name another file, or let this user write it and its folder'
        : 'start the database, or correct the address, the user or the password';
    const problem =
      error instanceof MigrationError
        ? { reason: error.message, remedy: 'correct the migration' }
        : { remedy: usual, ...faultOf(error), unreachable: true as const };
    throw unusable(config, 'The database', 'DATABASE_URL', problem);
  }
}

async function open(config: AppConfig, url: DatabaseUrl, look: boolean): Promise<Database> {
  if (url.kind === 'sqlite') {
    const { openSqlite } = await import('./sqlite.ts');
    if (url.file === NOWHERE.file) return openSqlite(url.file);
    const file = resolve(config.instanceDir, url.file);
    return look && !existsSync(file) ? openSqlite(NOWHERE.file) : openSqlite(file, { look });
  }
  const { openPostgres } = await import('./postgres.ts');
  // A reload is recorded before it counts: with the password that it brings, where the one in use
  // is refused.
  let tried: Settings | undefined;
  const current = () => (tried && tried === config.candidate ? tried : config.snapshot);
  return openPostgres(
    () => current().DATABASE_URL.reveal(),
    () => config.reload({ by: 'refused login to the database' }),
    () => {
      tried = config.candidate;
      return tried !== undefined;
    },
  );
}

function faultOf(error: unknown) {
  const { code = 'no code', message }: NodeJS.ErrnoException = Object(error);
  const said = `${code} ${message}`;
  const [, reason = `does not work (${code})`, remedy] =
    REASONS.find(([pattern]) => pattern.test(said)) ?? [];
  return { reason, ...(remedy && { remedy }) };
}
