import type { Logger } from 'pino';
import sql, { join, raw } from 'sql-template-tag';
import type { AppConfig } from '../../config/app-config.ts';
import type { Database, Query } from '../../database/database.ts';
import { type AuditRow, FIELDS, isSigned, keyRing, seal } from './chain.ts';
import { type AuditEntry, type AuditEvent, storable, toEntry } from './entry.ts';

/** What to list: the newest entries that match, those before a sequence where one is given. */
export interface AuditFilter {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly outcome?: string | undefined;
  readonly before?: number | undefined;
  /** 50 without it. */
  readonly limit?: number | undefined;
}

export interface AuditTrail {
  /**
   * Write an entry; resolves once it is there to stay.
   * @throws an error of code `STORE_AWAY` when it cannot be written
   */
  record(event: AuditEvent): Promise<void>;
  /** Newest first. @throws an error of code `STORE_AWAY` when it cannot be read */
  list(filter?: AuditFilter): Promise<AuditEntry[]>;
  /** All there is, oldest first. */
  rows(): AsyncGenerator<AuditRow>;
}

// Any number, as long as no other program locks the same one in this database.
const LOCK = 7_305_003;
const PRUNE_EVERY_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const PAGE = 500;
const NAMES = FIELDS.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
const COLUMNS = raw(NAMES.join(', '));
const SELECT = sql`SELECT ${raw(NAMES.map((name, i) => `${name} AS "${FIELDS[i]}"`).join(', '))} FROM audit`;

/** The audit trail of an app: one chain in its database, however many processes write to it. */
export function createAuditTrail(config: AppConfig, database: Database, log: Logger): AuditTrail {
  // An anchor must not go missing because a log is made less talkative.
  const anchors = log.child({}, { level: log.level === 'silent' ? 'silent' : 'info' });
  let prunedAt = 0;

  const write = (event: AuditEvent) =>
    database.transaction(async ({ query }) => {
      // On SQLite the transaction itself is the lock.
      if (database.kind === 'postgres') await query(sql`SELECT pg_advisory_xact_lock(${LOCK})`);
      const ring = keyRing(config);
      const written: AuditRow[] = [];
      let [head] = await query<AuditRow>(sql`${SELECT} ORDER BY sequence DESC LIMIT 1`);
      const append = async (one: AuditEvent) => {
        const entry = {
          sequence: (head?.sequence ?? 0) + 1,
          at: new Date().toISOString(),
          ...storable(one, config),
          configVersion: config.version,
          previous: head?.hash ?? '',
        };
        const row = seal(entry, ring);
        const values = join(FIELDS.map((name) => row[name]));
        await query(sql`INSERT INTO audit (${COLUMNS}) VALUES (${values})`);
        written.push(row);
        head = row;
      };
      // Every entry vouches for the ones before it, unless it says that it cannot.
      if (head !== undefined && isSigned(head, ring) !== true) await append(untrusted(head));
      await append(event);
      const isDue = Date.now() - prunedAt > PRUNE_EVERY_MS;
      if (isDue) await prune(query, config.get('AUDIT_RETENTION_DAYS'), append);
      return { written, isDue };
    });
  return {
    async record(event) {
      try {
        const { written, isDue } = await write(event);
        if (isDue) prunedAt = Date.now();
        for (const { sequence, hash } of written) anchors.info({ audit: { sequence, hash } });
      } catch (cause) {
        log.error({ err: cause, action: event.action }, 'the audit trail cannot be written');
        throw Object.assign(new Error('Not recorded, so not done.'), { code: 'STORE_AWAY' });
      }
    },
    list: (filter) =>
      listEntries(database, filter).catch((cause: unknown) => {
        const away = new Error('the audit trail cannot be read', { cause });
        throw Object.assign(away, { code: 'STORE_AWAY' });
      }),
    rows: () => auditRows(database),
  };
}

/** The newest entries that match, newest first. */
export async function listEntries(
  database: Database,
  { before, limit = 50, ...equal }: AuditFilter = {},
): Promise<AuditEntry[]> {
  const conditions = [
    sql`sequence < ${before ?? Number.MAX_SAFE_INTEGER}`,
    ...Object.entries(equal).flatMap(([name, value]) =>
      value === undefined ? [] : [sql`${raw(name)} = ${value}`],
    ),
  ];
  const rows = await database.query<AuditRow>(
    sql`${SELECT} WHERE ${join(conditions, ' AND ')} ORDER BY sequence DESC LIMIT ${limit}`,
  );
  return rows.map(toEntry);
}

/** Every row in the order of the chain, read bit by bit. */
export async function* auditRows({ query }: Pick<Database, 'query'>): AsyncGenerator<AuditRow> {
  let after = Number.MIN_SAFE_INTEGER;
  while (true) {
    const rows = await query<AuditRow>(
      sql`${SELECT} WHERE sequence > ${after} ORDER BY sequence LIMIT ${PAGE}`,
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.sequence;
  }
}

function untrusted({ sequence, keyId }: AuditRow): AuditEvent {
  const detail = { sequence, signedWith: keyId };
  return { action: 'audit.untrusted', outcome: 'failed', detail };
}

// What is cut off at the front is told by an entry of the chain itself.
async function prune(
  query: Query,
  days: number | undefined,
  append: (event: AuditEvent) => Promise<void>,
): Promise<void> {
  if (days === undefined) return;
  const start = new Date(Date.now() - days * DAY_MS).toISOString();
  const [first] = await query<AuditRow>(sql`${SELECT} ORDER BY sequence LIMIT 1`);
  const [kept] = await query<AuditRow>(
    sql`${SELECT} WHERE at >= ${start} ORDER BY sequence LIMIT 1`,
  );
  if (first === undefined || kept === undefined || first.sequence === kept.sequence) return;
  const detail = { through: kept.sequence - 1, hash: kept.previous };
  await append({ action: 'audit.prune', outcome: 'done', detail });
  await query(sql`DELETE FROM audit WHERE sequence < ${kept.sequence}`);
}
