import { printable, showValue } from '../../config/mask.ts';
import { ACTIONS, type AuditEntry } from '../../database/audit/entry.ts';
import type { AuditFilter } from '../../database/audit/trail.ts';
import { changeText } from '../../flags/text.ts';
import { html } from '../../http/html.ts';
import type { Page } from './layout.ts';
import { anyOf, badge, type Columns, muted, noted, select, table } from './parts.ts';

// Some of it comes from strangers.
const text = (value: string | null | undefined) => value && printable(value);
/** Who did what, and how it went; what no request asked for, the app did. */
export const DEED: Columns<AuditEntry> = {
  Who: ({ actor, role, address }) =>
    noted(text(actor) ?? muted(address === null ? 'the app' : 'nobody'), role),
  What: ({ action, target }) => noted(action, text(target)),
  Outcome: ({ outcome, detail }) => noted(badge(outcome), detailText(detail)),
};
const COLUMNS: Columns<AuditEntry> = {
  'Time (UTC)': ({ at, sequence, configVersion }) =>
    noted(
      html`<time datetime="${at}">${at.slice(0, 19).replace('T', ' ')}</time>`,
      `#${sequence}, version ${configVersion}`,
    ),
  ...DEED,
  From: ({ address, requestId }) => {
    const id = text(requestId);
    return noted(text(address), id && html`<span class="cut" title="${id}">${id}</span>`);
  },
};

/** Who did what, the newest first; `next` is where older entries go on. */
export function auditPage(
  { entries, next }: { readonly entries: readonly AuditEntry[]; readonly next: number | null },
  filter: AuditFilter,
): Page {
  const { action = '', actor = '', outcome = '', before, limit } = filter;
  const kept = { action, actor, outcome, limit: String(limit) };
  const link = (text: string, from: object) =>
    html`<a class="button" href="?${String(new URLSearchParams({ ...kept, ...from }))}">${text}</a> `;
  return {
    title: 'Audit',
    actions: html`<a class="button" href="/ops/audit/export" download>Export all</a>`,
    content: html`<form class="row" action="/ops/audit">
        <input type="hidden" name="limit" value="${limit}">
        ${select('Action', 'action', anyOf(ACTIONS), action)}
        ${select('Outcome', 'outcome', anyOf(['done', 'refused', 'failed']), outcome)}
        <label>Actor <input type="search" name="actor" value="${actor}" autocomplete="off"
          aria-keyshortcuts="/"></label>
        <button type="submit">Filter</button>
      </form>
      ${table('Entries', entries, COLUMNS)}
      <p>${before !== undefined && link('Newest', {})}${next !== null && link('Older', { before: next })}</p>`,
  };
}

/** An entry's detail in a line: how a flag has changed, or its members side by side. */
export function detailText(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return showValue(detail ?? '');
  if (Array.isArray(detail)) return detail.map(showValue).join(', ');
  const members = Object.entries(detail).map(([name, value]) => [name, detailText(value)]);
  // What is empty says nothing.
  const telling = members.filter(([, words]) => words !== '').map((one) => one.join(': '));
  return text(changeText(detail)) ?? telling.join('; ');
}
