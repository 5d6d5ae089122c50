import { z } from 'zod';
import type { AppConfig } from '../../config/app-config.ts';
import { LAYERS } from '../../config/layers.ts';
import { showValue } from '../../config/mask.ts';
import { declaration, isKeyName } from '../../config/schema.ts';
import { type Content, html } from '../../http/html.ts';
import type { Page, Viewer } from './layout.ts';
import { badge, select, shownValue, table } from './parts.ts';

// What nobody asks for shows every key.
const filter = z.object({
  /** Words that all must occur. */
  q: z.string().catch(''),
  /** The layer that the value in use comes from, or `none`. */
  layer: z.string().catch(''),
  /** Only keys whose value hides another one. */
  overridden: z.literal('1').optional().catch(undefined),
});

/** Every key with its masked value, its origin and what it hides, or those that `query` asks for. */
export function configPage(config: AppConfig, { operator }: Viewer, query: object): Page {
  const asked = filter.parse(query);
  const keys = describeKeys(config);
  const shown = keys.filter((key) => matches(key, asked));
  const layers = [...LAYERS.map(({ name }) => name).reverse(), 'none'].map((layer) => {
    const count = keys.filter((key) => key.layer === layer).length;
    return [layer, `${layer === 'none' ? 'not set' : layer} (${count})`] as const;
  });
  return {
    title: 'Configuration',
    actions:
      operator.role === 'admin' && html`<a class="button" href="/ops/reload">Preview a reload</a>`,
    content: html`<form class="row" action="/ops/config" data-filter>
        <label class="grow">Find <input type="search" name="q" value="${asked.q}"
          autocomplete="off" aria-keyshortcuts="/"></label>
        ${select('Layer', 'layer', [['', 'any'], ...layers], asked.layer)}
        <label><input type="checkbox" name="overridden" value="1"${
          asked.overridden && html` checked`
        }> Overridden</label>
        <button type="submit">Filter</button>
        <output id="count" data-live>${shown.length} of ${keys.length} keys</output>
      </form>
      <div id="keys" data-live>
      ${table('Keys', ['Key', 'Value', 'Origin', 'Applies'], shown.map(toRow))}
      </div>`,
  };
}

type Key = ReturnType<typeof describeKeys>[number];

function describeKeys(config: AppConfig) {
  const pending = new Set<string>(config.pending());
  return Object.entries(config.masked()).flatMap(([key, value]) => {
    if (!isKeyName(key)) return [];
    const [top, ...hidden] = config.explain(key);
    const { doc = '', reload } = declaration(key) ?? {};
    const sources = [top, ...hidden].map((said) => said?.source);
    const text = [key, doc, showValue(value), ...sources].join(' ').toLowerCase();
    const layer: string = top?.layer ?? 'none';
    return [{ key, value, doc, reload, top, hidden, layer, text, waits: pending.has(key) }];
  });
}

function matches({ text, layer, hidden }: Key, asked: z.output<typeof filter>): boolean {
  const words = asked.q.toLowerCase().split(/\s+/);
  const isFrom = asked.layer === '' || asked.layer === layer;
  const hides = asked.overridden === undefined || hidden.length > 0;
  return isFrom && hides && words.every((word) => text.includes(word));
}

function toRow({ key, value, doc, reload, top, hidden, waits }: Key): Content[] {
  return [
    html`<a href="/ops/config/${key}"><code>${key}</code></a> <small>${doc}</small>`,
    shownValue({ ...top, value }),
    html`${top?.source}${hidden.map(({ source }) => html` <small>over ${source}</small>`)}`,
    waits ? badge('waits for a restart', 'warn') : html`<span class="muted">${reload}</span>`,
  ];
}
