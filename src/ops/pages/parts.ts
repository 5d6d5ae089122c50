import { duration } from '../../config/duration.ts';
import { showValue } from '../../config/mask.ts';
import type { Shown } from '../../config/view.ts';
import { type Html, html } from '../../http/html.ts';

/** A masked value, with a fingerprint where it is hidden. */
export function shownValue({ value, fingerprint }: Shown): Html {
  if (value === undefined || value === null) return html`<span class="muted">not set</span>`;
  return html`<code>${showValue(value)}</code>${
    fingerprint &&
    html` <code class="muted" title="Fingerprint: equal ones mean equal values">${fingerprint}</code>`
  }`;
}

/** A moment (ms since the epoch): how long ago it was, and in full where one asks. */
export function ago(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" title="${iso.slice(0, 19).replace('T', ' ')} UTC">${duration(
    (Date.now() - at) / 1000,
  )} ago</time>`;
}

/** A short word in a frame; some kinds call for attention. */
export function badge(text: string, kind: 'plain' | 'on' | 'warn' | 'bad' = 'plain'): Html {
  return html`<span class="badge badge-${kind}">${text}</span>`;
}

/** A table that may scroll sideways, for a keyboard too. */
export function table(
  label: string,
  columns: readonly string[],
  rows: Html | readonly Html[],
): Html {
  return html`<div class="sheet">
        <table class="${label.toLowerCase()}" aria-label="${label}">
          <thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>`;
}
