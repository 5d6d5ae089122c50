import type { Logger } from 'pino';
import sql, { join, raw } from 'sql-template-tag';
import { z } from 'zod';
import type { AppConfig } from '../../config/app-config.ts';
import { StoreAwayError } from '../../config/store-away.ts';
import type { Database, Query } from '../database.ts';
import { type AuditRow, FIELDS, hashOf, isSigned, keyRing, seal } from './chain.ts';
import { type AuditEntry, type AuditEvent, storable, toEntry } from './entry.ts';

// PostgreSQL takes no NUL, not even to look for it.
const text = z
  .string()
  .max(256)
  .regex(/^\P{Cc}*$/u, 'Leave out control characters');
/** What to list: the newest entries that match, those before a sequence where one is given. */
export const auditFilter = z.strictObject({
  action: text.optional(),
  actor: text.optional(),
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type AuditFilter = z.output<typeof auditFilter>;
type Listed = Partial<
  Omit<AuditFilter, 'action'> & { action: string | readonly string[] | undefined }
>;

export type AuditTrail = ReturnType<typeof createAuditTrail>;

// Any number, as long as no other program locks the same one in this database.
const LOCK = 7_305_003;
const PRUNE_EVERY_MS = 60 * 60 * 1000;
const AT_ONCE = 5_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const PAGE = 500;
const NUMBERS: readonly string[] = ['sequence', 'configVersion'];
const COLUMNS = raw(FIELDS.map(columnOf).join(', '));
const SELECT = raw(`SELECT ${FIELDS.map(selected).join(', ')} FROM audit`);

/** The audit trail of an app: one chain in its database, however many processes write to it. */
export function createAuditTrail(config: AppConfig, database: Database, log: Logger) {
  // An anchor must not go missing because a log is made less talkative.
  const anchors = log.child({}, { level: log.level === 'silent' ? 'silent' : 'info' });
  let prunedAt = 0;

  const write = (event: AuditEvent) =>
    database.transaction(async ({ query }) => {
      // On SQLite the transaction itself is the lock.
      if (database.kind === 'postgres') await query(sql`SELECT pg_advisory_xact_lock(${LOCK})`);
      const ring = keyRing(config);
      const written: AuditRow[] = [];
      const [head] = await query<AuditRow>(sql`${SELECT} ORDER BY audit.sequence DESC LIMIT 1`);
      const append = async (one: AuditEvent) => {
        const { sequence, hash } = written.at(-1) ?? head ?? { sequence: 0, hash: '' };
        const at = new Date().toISOString();
        const link = { sequence: sequence + 1, at, configVersion: config.version, previous: hash };
        const row = seal({ ...storable(one, config), ...link }, ring);
        const values = join(FIELDS.map((name) => row[name]));
        await query(sql`INSERT INTO audit (${COLUMNS}) VALUES (${values})`);
        written.push(row);
      };
      // Every entry vouches for the ones before it, unless it says that it cannot.
      if (head !== undefined && !isSigned(head, ring)) {
        const detail = { sequence: head.sequence, signedWith: head.keyId };
        await append({ action: 'audit.untrusted', outcome: 'failed', detail });
      }
      await append(event);
      const days = config.get('AUDIT_RETENTION_DAYS');
      if (days !== undefined && Date.now() - prunedAt > PRUNE_EVERY_MS) {
        const start = new Date(Date.now() - days * DAY_MS).toISOString();
        if (!(await prune(query, start, append))) prunedAt = Date.now();
      }
      return written;
    });

  return {
    /**
     * Write an entry; resolves once it is there to stay.
     * @throws {StoreAwayError} when it cannot be written
     */
    async record(event: AuditEvent): Promise<void> {
      const written = await write(event).catch((cause: unknown) => {
        log.error({ err: cause, action: event.action }, 'the audit trail cannot be written');
        throw new StoreAwayError('not recorded, so not done', { cause });
      });
      for (const { sequence, hash } of written) anchors.info({ audit: { sequence, hash } });
    },
  };
}

/**
 * The newest that match, newest first; `action` may be one of several.
 * @throws {StoreAwayError} when they cannot be read
 */
export async function listEntries(
  { query }: Database,
  { before, limit = 50, ...equal }: Listed = {},
): Promise<AuditEntry[]> {
  const conditions = Object.entries(equal).flatMap(([name, value]) =>
    value === undefined ? [] : [sql`${raw(name)} IN (${join([value].flat())})`],
  );
  if (before !== undefined) conditions.push(sql`sequence < ${before}`);
  const where = join([sql`TRUE`, ...conditions], ' AND ');
  const newest = sql`${SELECT} WHERE ${where} ORDER BY audit.sequence DESC LIMIT ${limit}`;
  return (await query<AuditRow>(newest).catch(unreadable)).map(toEntry);
}

/** Every row in the order of the chain, read bit by bit. @throws {StoreAwayError} */
export async function* auditRows({ query }: Pick<Database, 'query'>): AsyncGenerator<AuditRow> {
  // From the very first: on SQLite a sequence may be NULL, or below all that JavaScript can count.
  let where = sql`TRUE`;
  let last: number | undefined;
  let before = -Infinity;
  do {
    const page = sql`${SELECT} WHERE ${where} ORDER BY audit.sequence LIMIT ${PAGE}`;
    const rows: AuditRow[] = await query<AuditRow>(page).catch(unreadable);
    yield* rows;
    before = last ?? before;
    last = rows.at(-1)?.sequence;
    where = sql`sequence > ${last}`;
    // No chain gets past the last safe number, nor past a text, which SQLite sorts behind them all.
  } while (last !== undefined && Number.isSafeInteger(last) && last > before);
}

function columnOf(field: keyof AuditRow): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

// SQLite refuses to read a row with a number past 2^53, which somebody may have put there.
function selected(field: keyof AuditRow): string {
  const column = columnOf(field);
  return `${NUMBERS.includes(field) ? `CAST(${column} AS FLOAT)` : column} AS "${field}"`;
}

function unreadable(cause: unknown): never {
  throw new StoreAwayError('the audit trail cannot be read', { cause });
}

// What is cut off at the front is told by an entry of the chain itself. Gives whether to go on.
async function prune(query: Query, start: string, append: (event: AuditEvent) => Promise<void>) {
  const rows: AuditRow[] = await query(sql`${SELECT} ORDER BY audit.sequence LIMIT ${AT_ONCE + 1}`);
  // Only what the one after it vouches for: a date that somebody changed makes no entry old.
  const old = rows.findIndex((row, i) => row.at >= start || rows[i + 1]?.previous !== hashOf(row));
  const last = rows[old - 1];
  if (last === undefined) return false;
  const detail = { through: last.sequence, hash: last.hash };
  await append({ action: 'audit.prune', outcome: 'done', detail });
  await query(sql`DELETE FROM audit WHERE sequence <= ${last.sequence}`);
  return old === AT_ONCE;
}
