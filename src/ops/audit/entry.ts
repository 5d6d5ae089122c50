import type { AppConfig } from '../../config/app-config.ts';
import { printable } from '../../config/mask.ts';
import type { AuditRow } from './chain.ts';

/** Something that is about to happen, or was refused. */
export interface AuditEvent {
  readonly action: string;
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
  const text = (value: string) => shorten(wellFormed(config.redact(value)));
  const field = (value: string | undefined) => (value === undefined ? null : text(value));
  const { detail } = event;
  return {
    actor: field(event.actor),
    role: field(event.role),
    address: field(event.address),
    requestId: field(event.requestId),
    action: text(event.action),
    target: field(event.target),
    outcome: event.outcome,
    detail: detail === undefined ? null : toJson(detail, text),
  };
}

/** A row as people and programs may read it, also one that somebody has tampered with. */
export function toEntry(row: AuditRow): AuditEntry {
  try {
    return { ...row, detail: row.detail === null ? null : JSON.parse(row.detail) };
  } catch {
    return row;
  }
}

/** An entry as one line of JSON, also for readers to whom U+2028 ends a line. */
export function toLine(entry: AuditEntry): string {
  return printable(JSON.stringify(entry));
}

// PostgreSQL keeps no NUL, and half a surrogate pair would come back as something else.
function wellFormed(text: string): string {
  return text.replaceAll('\0', '\u{fffd}').toWellFormed();
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1).toWellFormed()}…`;
}

function toJson(detail: unknown, text: (value: string) => string): string {
  const json = JSON.stringify(detail, (_name, value: unknown) =>
    typeof value === 'string' ? text(value) : value,
  );
  if (json.length <= LONGEST_DETAIL) return json;
  return JSON.stringify({ cut: json.slice(0, LONGEST_DETAIL / 2) });
}
