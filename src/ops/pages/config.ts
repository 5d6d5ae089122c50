import type { AppConfig } from '../../config/app-config.ts';
import { LAYERS } from '../../config/layers.ts';
import { showValue } from '../../config/mask.ts';
import { declaration, isKeyName, type KeyName } from '../../config/schema.ts';
import { type Html, html } from '../../http/html.ts';
import { layout, type Viewer } from './layout.ts';
import { badge, shownValue, table } from './parts.ts';

/** What to show; every key where nothing is asked for. */
export interface ConfigFilter {
  /** Words that all must occur. */
  readonly q: string;
  /** The layer that the value in use comes from, or `none`. */
  readonly layer: string;
  /** Only keys whose value hides another one. */
  readonly overridden: boolean;
}

/** Every key with its masked value, its origin and what it hides. */
export function configPage(config: AppConfig, viewer: Viewer, filter: ConfigFilter): Html {
  const masked = config.masked();
  const rows = Object.keys(masked)
    .filter(isKeyName)
    .map((key) => describe(config, key, masked[key]));
  const shown = rows.filter((row) => matches(row, filter));
  return layout(config.snapshot, {
    title: 'Configuration',
    section: '/ops/config',
    viewer,
    actions:
      viewer.operator.role === 'admin' &&
      html`<a class="button" href="/ops/reload">Preview a reload</a>`,
    content: html`${filterForm(rows, shown.length, filter)}
      ${table(
        'Keys',
        ['Key', 'Value', 'Origin', 'Applies'],
        rows.map((row) => toRow(row, shown.includes(row))),
      )}`,
  });
}

type Row = ReturnType<typeof describe>;

function describe(config: AppConfig, key: KeyName, value: unknown) {
  const [top, ...lower] = config.explain(key);
  const { doc = '', reload } = declaration(key) ?? {};
  const text = [key, doc, showValue(value), ...[top, ...lower].map((said) => said?.source)];
  const isPending = config.pending().includes(key);
  return { key, isPending, value, doc, reload, top, lower, text: text.join(' ').toLowerCase() };
}

function matches({ text, top, lower }: Row, { q, layer, overridden }: ConfigFilter): boolean {
  const words = q.toLowerCase().split(/\s+/);
  const isFrom = layer === '' || layer === (top?.layer ?? 'none');
  return words.every((word) => text.includes(word)) && isFrom && !(overridden && !lower.length);
}

function filterForm(rows: readonly Row[], shown: number, filter: ConfigFilter): Html {
  const layers = [...LAYERS.map(({ name }) => name as string).reverse(), 'none'];
  const options = layers.map((layer) => {
    const count = rows.filter(({ top }) => (top?.layer ?? 'none') === layer).length;
    const label = `${layer === 'none' ? 'not set' : layer} (${count})`;
    return html`<option value="${layer}"${layer === filter.layer && html` selected`}>${label}</option>`;
  });
  return html`<form class="filter" action="/ops/config" data-filter>
        <label class="grow">Find <input type="search" name="q" value="${filter.q}" autocomplete="off"
          aria-keyshortcuts="/"></label>
        <label>Layer <select name="layer"><option value="">any</option>${options}</select></label>
        <label class="check"><input type="checkbox" name="overridden" value="1"${
          filter.overridden && html` checked`
        }> Overridden</label>
        <button type="submit">Filter</button>
        <output>${shown} of ${rows.length} keys</output>
      </form>`;
}

function toRow(row: Row, isShown: boolean): Html {
  const { key, isPending, value, doc, reload, top, lower, text } = row;
  return html`<tr data-text="${text}" data-layer="${top?.layer ?? 'none'}"${
    lower.length > 0 && html` data-overridden`
  }${!isShown && html` hidden`}>
              <th scope="row"><a href="/ops/config/${key}"><code>${key}</code></a> <small>${doc}</small></th>
              <td>${shownValue({ ...top, value })}</td>
              <td>${top?.source}${lower.map(({ source }) => html` <small>over ${source}</small>`)}</td>
              <td>${isPending ? badge('waits for a restart', 'warn') : html`<span class="muted">${reload}</span>`}</td>
            </tr>
            `;
}
