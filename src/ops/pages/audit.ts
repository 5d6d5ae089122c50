import { printable, showValue } from '../../config/mask.ts';
import { type Content, html } from '../../http/html.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { AuditFilter } from '../audit/trail.ts';
import type { Page } from './layout.ts';
import { badge, select, table } from './parts.ts';

const ACTIONS = [
  ...['login', 'logout', 'access', 'config.read', 'config.reload'],
  ...['flag.set', 'flag.unset', 'audit.export'],
];

interface Found {
  readonly entries: readonly AuditEntry[];
  /** Where older entries go on. */
  readonly next: number | null;
}

/** Who did what, the newest first. */
export function auditPage({ entries, next }: Found, filter: AuditFilter): Page {
  const { action = '', actor = '', outcome = '', before } = filter;
  const link = (text: string, from: object) =>
    html`<a class="button" href="?${String(new URLSearchParams({ action, actor, outcome, ...from }))}">${text}</a> `;
  const choices = (names: readonly string[]) =>
    [['', 'any'], ...names.map((name) => [name, name] as const)] as const;
  return {
    title: 'Audit',
    actions: html`<a class="button" href="/ops/audit/export" download>Export all</a>`,
    content: html`<form class="row" action="/ops/audit">
        ${select('Action', 'action', choices(ACTIONS), action)}
        ${select('Outcome', 'outcome', choices(['done', 'refused', 'failed']), outcome)}
        <label>Actor <input type="search" name="actor" value="${actor}" autocomplete="off"
          aria-keyshortcuts="/"></label>
        <button type="submit">Filter</button>
      </form>
      ${table('Entries', ['Time (UTC)', 'Who', 'What', 'Outcome', 'Detail', 'From'], entries.map(toRow))}
      <p>${before !== undefined && link('Newest', {})}${next !== null && link('Older', { before: next })}</p>`,
  };
}

function toRow(entry: AuditEntry): Content[] {
  const { at, sequence, configVersion, action, outcome, detail } = entry;
  // Some of it comes from strangers.
  const text = (value: string | null) => value && printable(value);
  return [
    html`<time datetime="${at}">${at.slice(0, 19).replace('T', ' ')}</time>
      <small>#${sequence}, version ${configVersion}</small>`,
    html`${text(entry.actor) ?? html`<span class="muted">nobody</span>`} <small>${entry.role}</small>`,
    html`${action} <small>${text(entry.target)}</small>`,
    badge(outcome),
    detail !== null && html`<code>${detailText(detail)}</code>`,
    html`${text(entry.address)} <small>${text(entry.requestId)}</small>`,
  ];
}

/** An entry's detail in a line: its members side by side. */
export function detailText(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return showValue(detail);
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${showValue(value)}`)
    .join(', ');
}
