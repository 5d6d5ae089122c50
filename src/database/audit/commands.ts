import type { AppConfig } from '../../config/app-config.ts';
import { printable } from '../../config/mask.ts';
import { ConfigError } from '../../config/problem.ts';
import { StoreAwayError } from '../../config/store-away.ts';
import { connectDatabase } from '../connect.ts';
import { keyRing } from './chain.ts';
import { type AuditEntry, toEntry, toLine } from './entry.ts';
import { auditRows, listEntries } from './trail.ts';
import { readAnchors, type Verdict, verifyTrail } from './verify.ts';

const BROKEN = 3;

/**
 * Run `audit verify`, `tail` (the newest `lines` entries) or `export`, and give the exit code.
 * @throws {ConfigError} when the database or the anchors cannot be used, or `lines` is no count
 */
export async function runAudit(
  config: AppConfig,
  what: string,
  { anchor: file, lines, json }: { anchor?: string; lines: number; json?: true },
  print: (text: string) => void,
): Promise<number> {
  const anchors = file === undefined ? undefined : await readAnchors(file).catch(() => new Map());
  if (file !== undefined && anchors?.size === 0) {
    const reason = 'cannot be read, or no line in it is an anchor';
    const remedy = 'give the JSON log of the app, with its lines of the form {"audit":{...}}';
    throw new ConfigError('There is nothing to check against:', [{ key: file, reason, remedy }]);
  }
  if (!Number.isSafeInteger(lines) || lines < 1) {
    const fault = { reason: 'expects a whole number from 1 up', remedy: 'correct it' };
    throw new ConfigError('That cannot be done:', [{ key: '--lines', ...fault }]);
  }
  const { database } = await connectDatabase(config, { look: true });
  try {
    if (what === 'verify') {
      const verdict = await verifyTrail(database, keyRing(config), anchors);
      print(json ? JSON.stringify(verdict) : describe(verdict));
      return verdict.bad === undefined ? 0 : BROKEN;
    }
    const show = json ? toLine : toText;
    if (what === 'export') for await (const row of auditRows(database)) print(show(toEntry(row)));
    else (await listEntries(database, { limit: lines })).reverse().map(show).forEach(print);
    return 0;
  } catch (error) {
    if (!(error instanceof StoreAwayError)) throw error;
    const fault = { reason: 'fails', remedy: 'start the database, or restore its table audit' };
    throw new ConfigError(`${error.message}:`, [
      { key: 'DATABASE_URL', ...fault, unreachable: true },
    ]);
  } finally {
    await database.close();
  }
}

function describe({ entries, first, last, anchors, bad }: Verdict): string {
  if (bad !== undefined) return `Broken: entry ${bad.sequence} ${bad.reason}.`;
  const checked = anchors === 0 ? '' : `, and as ${anchors} lines of the log say`;
  return entries === 0 ? 'There are no entries.' : `Whole: ${first} to ${last}${checked}.`;
}

function toText({ sequence, at, outcome, action, target, ...more }: AuditEntry): string {
  const role = more.role === null ? '' : ` (${more.role})`;
  const who = `${more.actor ?? '-'}${role} ${more.address ?? '-'}`;
  const detail = more.detail === null ? '' : JSON.stringify(more.detail);
  const columns = [sequence, at, outcome, action, target ?? '-', who, detail];
  return printable(columns.join('  ').trimEnd());
}
