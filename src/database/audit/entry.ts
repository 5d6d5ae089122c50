import type { AppConfig } from '../../config/app-config.ts';
import { printable } from '../../config/mask.ts';
import { parseJson } from '../../config/plain.ts';
import type { AuditRow } from './chain.ts';

/** Everything that the trail tells of. */
export const ACTIONS = [
  'login',
  'logout',
  'access',
  'config.read',
  'config.reload',
  'flag.set',
  'flag.unset',
  'audit.export',
  'audit.prune',
  'audit.untrusted',
] as const;

/** Something that is about to happen, or was refused. */
export interface AuditEvent {
  readonly action: (typeof ACTIONS)[number];
  readonly target?: string | undefined;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly actor?: string | undefined;
  readonly role?: string | undefined;
  readonly address?: string | undefined;
  readonly requestId?: string | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** An event as it is kept. */
export type AuditEntry = Omit<AuditRow, 'detail'> & { readonly detail: unknown };

const LONGEST = 512;
const LONGEST_DETAIL = 16 * 1024;

/** An event with every text masked, of bounded length, and such that both databases keep it. */
export function storable(event: AuditEvent, config: AppConfig) {
  const text = (value: string) => keepable(config.redact(value));
  const field = (value: string | undefined) => (value === undefined ? null : text(value));
  const inDetail = (_name: string, value: unknown) =>
    typeof value === 'string' ? text(value) : value;
  const detail = event.detail && JSON.stringify(event.detail, inDetail);
  const isLong = detail !== undefined && detail.length > LONGEST_DETAIL;
  return {
    actor: field(event.actor),
    role: field(event.role),
    address: field(event.address),
    requestId: field(event.requestId),
    action: text(event.action),
    target: field(event.target),
    outcome: event.outcome,
    detail: isLong
      ? JSON.stringify({ cut: detail.slice(0, LONGEST_DETAIL / 2) })
      : (detail ?? null),
  };
}

/** A row as people and programs may read it, also one that somebody has tampered with. */
export function toEntry(row: AuditRow): AuditEntry {
  return { ...row, detail: row.detail && (parseJson(row.detail) ?? row.detail) };
}

/** An entry as one line of JSON, also for readers to whom U+2028 ends a line. */
export function toLine(entry: AuditEntry): string {
  return printable(JSON.stringify(entry));
}

// PostgreSQL keeps no NUL, and half a surrogate pair would come back as something else.
function keepable(text: string): string {
  const whole = text.replaceAll('\0', '\u{fffd}').toWellFormed();
  return whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST - 1).toWellFormed()}…`;
}
