import { vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { type AuditRow, FIELDS, keyRing } from '../../src/database/audit/chain.ts';
import type { AuditEvent } from '../../src/database/audit/entry.ts';
import { auditRows, createAuditTrail } from '../../src/database/audit/trail.ts';
import { type Anchors, type Verdict, verifyTrail } from '../../src/database/audit/verify.ts';
import { makeApp } from '../support/app.ts';

/** An app whose trail tests write and break. */
export interface Chain {
  readonly app: App;
  record(event?: Partial<AuditEvent>): Promise<void>;
  /** Run statements that go around the app. */
  tamper(script: string): Promise<void>;
  /** What `verify` would say after these statements, which are then taken back. */
  verifyAfter(script: string, anchors?: Anchors): Promise<Verdict>;
  rows(): Promise<AuditRow[]>;
  verify(anchors?: Anchors): Promise<Verdict>;
}

const EVENT = {
  action: 'flag.set',
  target: 'FEATURE_SIGNUP_V2',
  outcome: 'done',
  actor: 'ada',
  role: 'admin',
  address: '127.0.0.1',
  requestId: 'r-1',
  detail: { before: false, after: true },
} as const;

/** Open the trail of a database, with these variables set. */
export async function openChain(vars: Record<string, string> = {}): Promise<Chain> {
  const app = await makeApp({ vars });
  const { config, database, log } = app.locals;
  const trail = createAuditTrail(config, database, log);
  return {
    app,
    record: (event = {}) => trail.record({ ...EVENT, ...event }),
    tamper: (script) => database.transaction((transaction) => transaction.script(script)),
    async verifyAfter(script, anchors) {
      const undo = new Error('only tried');
      let verdict: Verdict | undefined;
      const trying = database.transaction(async (transaction) => {
        await transaction.script(script);
        verdict = await verifyTrail(transaction, keyRing(config), anchors);
        throw undo;
      });
      await trying.catch((error: unknown) => {
        if (error !== undo) throw error;
      });
      if (verdict === undefined) throw new Error('not verified');
      return verdict;
    },
    rows: () => collect(auditRows(database)),
    verify: (anchors) => verifyTrail(database, keyRing(config), anchors),
  };
}

/** As `openChain`, with this many entries that all differ. */
export async function writtenChain(entries: number, vars?: Record<string, string>): Promise<Chain> {
  const chain = await openChain(vars);
  for (let count = 1; count <= entries; count += 1) {
    await chain.record({ actor: `ada ${count}`, requestId: `r-${count}` });
  }
  return chain;
}

/** As `openChain`, where what is older than two days is pruned. */
export function openPruned(vars: Record<string, string> = {}): Promise<Chain> {
  return openChain({ APP_AUDIT_RETENTION_DAYS: '2', ...vars });
}

/** Let it be this many days after the beginning. */
export function setDay(days: number): void {
  vi.setSystemTime(Date.parse('2026-01-01T00:00:00Z') + days * 24 * 60 * 60 * 1000);
}

export const COLUMNS = FIELDS.map((name) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
);

/** The statements that put these rows into the table. */
export function insertOf(rows: readonly AuditRow[]): string {
  const literal = (value: string | number | null) =>
    value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`;
  return rows
    .map((row) => FIELDS.map((name) => literal(row[name])))
    .map((values) => `INSERT INTO audit (${COLUMNS}) VALUES (${values});`)
    .join('');
}

/** What the log would say of these rows. */
export function anchorsOf(rows: readonly AuditRow[]): Anchors {
  return new Map(rows.map(({ sequence, hash }) => [sequence, hash]));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
