import { duration } from '../../config/duration.ts';
import { showValue } from '../../config/mask.ts';
import type { Shown } from '../../config/view.ts';
import { type Content, type Html, html } from '../../http/html.ts';
import type { Viewer } from './layout.ts';

/** A masked value, with a fingerprint where it is hidden. */
export function shownValue({ value, fingerprint }: Partial<Shown>): Html {
  if (value === undefined || value === null) return html`<span class="muted">not set</span>`;
  const mark = html`<code class="muted" title="Equal ones mean equal values">${fingerprint}</code>`;
  return html`<code>${showValue(value)}</code> ${fingerprint && mark}`;
}

/** A moment (ms since the epoch): how long ago it was, and in full where one asks. */
export function ago(at: number): Html {
  const iso = new Date(at).toISOString();
  const text = `${duration((Date.now() - at) / 1000)} ago`;
  return html`<time datetime="${iso}" title="${iso.slice(0, 19)} UTC">${text}</time>`;
}

/** A word with a dot before it; the style sheet knows which kinds call for attention. */
export function badge(text: string, kind = text): Html {
  return html`<span class="badge ${kind}">${text}</span>`;
}

/** Terms and what they are, side by side. */
export function facts(terms: Readonly<Record<string, Content>>): Html {
  const fact = ([term, text]: [string, Content]) =>
    html`<div><dt>${term}</dt><dd>${text}</dd></div>`;
  return html`<dl>${Object.entries(terms).map(fact)}</dl>`;
}

/** Points that call for attention; what is `false` is none. */
export function points(list: readonly Content[]): Html {
  const shown = list.filter((point) => point !== false);
  if (shown.length === 0) return html`<p class="muted">Nothing.</p>`;
  return html`<ul class="points">${shown.map((point) => html`<li>${point}</li>`)}</ul>`;
}

/** A table, which turns into cards where it is narrow. The first cell of a row is its heading. */
export function table(
  label: string,
  columns: readonly string[],
  rows: readonly (readonly Content[])[],
): Html {
  if (rows.length === 0) return html`<p class="muted">None.</p>`;
  const cell = (content: Content, index: number) =>
    index === 0
      ? html`<th scope="row">${content}</th>`
      : html`<td data-label="${columns[index]}">${content}</td>`;
  return html`<table class="${label.toLowerCase()}" aria-label="${label}">
        <thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
      </table>`;
}

/** A form that changes something, with what proves that it is ours. */
export function form(action: string, { csrfToken }: Viewer, content: Content): Html {
  return html`<form method="post" action="${action}">
        <input type="hidden" name="csrfToken" value="${csrfToken}">
        ${content}
      </form>`;
}

/** A field that offers pairs of value and text. */
export function select(
  label: string,
  name: string,
  choices: readonly (readonly [value: string, text: string])[],
  current = '',
): Html {
  const option = ([value, text]: readonly [string, string]) =>
    html`<option value="${value}"${value === current && html` selected`}>${text}</option>`;
  return html`<label>${label} <select name="${name}">${choices.map(option)}</select></label>`;
}
