import type { AppConfig } from '../../config/app-config.ts';
import { LAYERS } from '../../config/layers.ts';
import { showValue } from '../../config/mask.ts';
import { declaration, isKeyName } from '../../config/schema.ts';
import { html } from '../../http/html.ts';
import type { Page, Viewer } from './layout.ts';
import { badge, keyLink, muted, noted, select, shownValue, table } from './parts.ts';

/** The keys that `query` asks for, each with its masked value, its origin and what it hides. */
export function configPage(config: AppConfig, { operator }: Viewer, query: URLSearchParams): Page {
  const asked = (name: string) => query.get(name) ?? '';
  const isOverridden = query.has('overridden');
  const words = asked('q').toLowerCase().split(/\s+/);
  const keys = describeKeys(config);
  const shown = keys.filter(
    ({ layer, hidden, text }) =>
      (asked('layer') === '' || asked('layer') === layer) &&
      (!isOverridden || hidden.length > 0) &&
      words.every((word) => text.includes(word)),
  );
  const layers = [...LAYERS.map(({ name }) => name).reverse(), 'not set'].map((name) => {
    const count = keys.filter(({ layer }) => layer === name).length;
    return [name, `${name} (${count})`] as const;
  });
  return {
    title: 'Configuration',
    actions:
      operator.role === 'admin' && html`<a class="button" href="/ops/reload">Preview a reload</a>`,
    content: html`<form class="row" action="/ops/config" data-filter>
        <label class="grow">Find <input type="search" name="q" value="${asked('q')}"
          autocomplete="off" aria-keyshortcuts="/"></label>
        ${select('Layer', 'layer', [['', 'any'], ...layers], asked('layer'))}
        <label><input type="checkbox" name="overridden" value="1"${
          isOverridden && html` checked`
        }> Overridden</label>
        <button type="submit">Filter</button>
        <output id="count" data-live>${shown.length} of ${keys.length} keys</output>
      </form>
      <div id="keys" data-live>
      ${table('Keys', shown, {
        Key: ({ key, doc }) => noted(keyLink(key), doc),
        Value: ({ top, value }) => shownValue({ ...top, value }),
        Origin: ({ top, hidden }) => [
          top?.source,
          hidden.map((said) => html` <small>over ${said.source}</small>`),
        ],
        Applies: ({ waits, reload }) =>
          waits ? badge('waits for a restart', 'warn') : muted(reload),
      })}
      </div>`,
  };
}

function describeKeys(config: AppConfig) {
  const pending = new Set<string>(config.pending());
  return Object.entries(config.masked()).flatMap(([key, value]) => {
    if (!isKeyName(key)) return [];
    const [top, ...hidden] = config.explain(key);
    const { doc = '', reload } = declaration(key) ?? {};
    const sources = [top, ...hidden].map((said) => said?.source);
    const text = [key, doc, showValue(value), ...sources].join(' ').toLowerCase();
    const layer: string = top?.layer ?? 'not set';
    return [{ key, value, doc, reload, top, hidden, layer, text, waits: pending.has(key) }];
  });
}
