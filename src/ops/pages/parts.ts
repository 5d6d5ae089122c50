import { duration } from '../../config/duration.ts';
import { showValue } from '../../config/mask.ts';
import type { Shown } from '../../config/view.ts';
import { type Content, type Html, html } from '../../http/html.ts';
import type { Viewer } from './layout.ts';

/** What matters less. */
export function muted(text: Content): Html {
  return html`<span class="muted">${text}</span>`;
}

/** The name of a key, which leads to its page. */
export function keyLink(key: string): Html {
  return html`<a href="/ops/config/${key}"><code>${key}</code></a>`;
}

/** A masked value, with a fingerprint where it is hidden. */
export function maskedValue({ value, fingerprint }: Partial<Shown>): Html {
  if (value === undefined || value === null) return muted('not set');
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

/** A text with a smaller one below it. */
export function noted(text: Content, note: Content): Html {
  return html`${text}${note && html` <small>${note}</small>`}`;
}

/** What each column shows of an item; the first one is the heading of its row. */
export type Columns<T> = Readonly<Record<string, (item: T) => Content>>;

/** A table, which puts each column's name before its value where it is narrow. */
export function table<T>(label: string, items: readonly T[], columns: Columns<T>): Html {
  if (items.length === 0) return html`<p class="muted">None.</p>`;
  const [[heading, title] = [], ...others] = Object.entries(columns);
  const row = (item: T) => html`<tr>
            <th scope="row">${title?.(item)}</th>
            ${others.map(([name, text]) => html`<td data-label="${name}">${text(item)}</td>\n`)}
          </tr>`;
  const names = [heading, ...others.map(([name]) => name)];
  return html`<table class="${label.toLowerCase()}" aria-label="${label}">
        <thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${items.map(row)}</tbody>
      </table>`;
}

/** A form that changes something, with what proves that it is ours. */
export function form(action: string, { csrfToken }: Viewer, content: Content): Html {
  return html`<form method="post" action="${action}">
        <input type="hidden" name="csrfToken" value="${csrfToken}">
        ${content}
      </form>`;
}

type Choice = readonly [value: string, text: string];

/** Any of these names, or whatever it is. */
export function anyOf(names: readonly string[]): Choice[] {
  return [['', 'any'], ...names.map((name): Choice => [name, name])];
}

/** A field that offers choices. */
export function select(label: string, name: string, choices: readonly Choice[], now = ''): Html {
  const option = ([value, text]: Choice) =>
    html`<option value="${value}"${value === now && html` selected`}>${text}</option>`;
  return html`<label>${label} <select name="${name}">${choices.map(option)}</select></label>`;
}
