import type { AppConfig } from '../../config/app-config.ts';
import { printable, showValue } from '../../config/mask.ts';
import { type Html, html } from '../../http/html.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { AuditFilter } from '../audit/trail.ts';
import { layout, type Viewer } from './layout.ts';
import { badge, table } from './parts.ts';

const ACTIONS = [
  'login',
  'logout',
  'access',
  'config.read',
  'config.reload',
  'flag.set',
  'flag.unset',
  'audit.export',
];
const OUTCOMES = new Map<string, 'plain' | 'warn' | 'bad'>([
  ['done', 'plain'],
  ['refused', 'warn'],
  ['failed', 'bad'],
]);

/** Who did what, the newest first; `next` is where older entries go on. */
export function auditPage(
  config: AppConfig,
  { entries, next }: { readonly entries: readonly AuditEntry[]; readonly next: number | null },
  filter: AuditFilter,
  viewer: Viewer,
): Html {
  const { action = '', actor = '', outcome = '', before } = filter;
  const page = (from: object) => `?${new URLSearchParams({ action, actor, outcome, ...from })}`;
  return layout(config.snapshot, {
    title: 'Audit',
    section: '/ops/audit',
    viewer,
    actions: html`<a class="button" href="/ops/audit/export" download>Export all</a>`,
    content: html`<form class="filter" action="/ops/audit">
        ${choose('Action', 'action', ACTIONS, action)}
        ${choose('Outcome', 'outcome', [...OUTCOMES.keys()], outcome)}
        <label>Actor <input type="search" name="actor" value="${actor}" autocomplete="off"
          aria-keyshortcuts="/"></label>
        <button type="submit">Filter</button>
      </form>
      ${table(
        'Entries',
        ['Time (UTC)', 'Who', 'What', 'Outcome', 'Detail', 'From'],
        entries.map(row),
      )}
      ${entries.length === 0 && html`<p class="muted">No entry.</p>`}
      <p class="actions">${before !== undefined && html`<a class="button" href="${page({})}">Newest</a> `}${
        next !== null &&
        html`<a class="button" rel="next" href="${page({ before: next })}">Older</a>`
      }</p>`,
  });
}

function choose(label: string, name: string, choices: readonly string[], current: string): Html {
  return html`<label>${label} <select name="${name}"><option value="">any</option>${choices.map(
    (choice) => html`<option${choice === current && html` selected`}>${choice}</option>`,
  )}</select></label>`;
}

function row(entry: AuditEntry): Html {
  // Some of it comes from strangers.
  const text = (value: string | null) => value && printable(value);
  return html`<tr>
              <th scope="row"><time datetime="${entry.at}">${entry.at.slice(0, 19).replace('T', ' ')}</time> <small>#${entry.sequence}, version ${entry.configVersion}</small></th>
              <td>${text(entry.actor) ?? html`<span class="muted">nobody</span>`} <small>${entry.role}</small></td>
              <td>${entry.action} <small>${text(entry.target)}</small></td>
              <td>${badge(entry.outcome, OUTCOMES.get(entry.outcome))}</td>
              <td>${entry.detail === null ? '' : html`<code>${detailText(entry.detail)}</code>`}</td>
              <td>${text(entry.address)} <small>${text(entry.requestId)}</small></td>
            </tr>
            `;
}

/** An entry's detail in a line: its members side by side. */
export function detailText(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return showValue(detail);
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${showValue(value)}`)
    .join(', ');
}
