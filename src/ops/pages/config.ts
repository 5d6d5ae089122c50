import type { AppConfig } from '../../config/app-config.ts';
import { LAYERS } from '../../config/layers.ts';
import { showValue } from '../../config/mask.ts';
import { declaration, isKeyName, type KeyName } from '../../config/schema.ts';
import type { Said } from '../../config/view.ts';
import { html } from '../../http/html.ts';
import type { Page, Viewer } from './layout.ts';
import { anyOf, badge, facts, keyLink, maskedValue, muted, noted, select, table } from './parts.ts';
import { reloadText } from './reload.ts';

const LAYER_NAMES = LAYERS.map(({ name }) => name).reverse();

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
  return {
    title: 'Configuration',
    notice: query.has('reloaded') && reloadText(config, asked('reloaded')),
    actions:
      operator.role === 'admin' && html`<a class="button" href="/ops/reload">Preview a reload</a>`,
    content: html`<form class="row" action="/ops/config" data-filter>
        <label class="grow">Find <input type="search" name="q" value="${asked('q')}"
          autocomplete="off" aria-keyshortcuts="/"></label>
        ${select('Layer', 'layer', anyOf([...LAYER_NAMES, 'not set']), asked('layer'))}
        <label><input type="checkbox" name="overridden" value="1"${
          isOverridden && html` checked`
        }> Overridden</label>
        <button type="submit">Filter</button>
        <output id="count" data-live>${shown.length} of ${keys.length} keys</output>
      </form>
      <div id="keys" data-live>
      ${table('Keys', shown, {
        Key: ({ key, doc }) => noted(keyLink(key), doc),
        Value: ({ top, value }) => maskedValue({ ...top, value }),
        Origin: ({ top, hidden }) => [
          top?.source,
          hidden.map((said) => html` <small>over ${said.source}</small>`),
        ],
        Applies: ({ waits, reload }) =>
          waits ? badge('waits for a restart', 'warn') : reload === 'restart' && muted(reload),
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

/** One key: its sentence, and what every layer says about it, the highest first. */
export function keyPage(config: AppConfig, key: KeyName): Page {
  const said = config.explain(key);
  const [top] = said;
  const { doc, reload } = declaration(key) ?? {};
  const waits = config.pending().includes(key) && badge('one is waiting', 'warn');
  const layers = LAYER_NAMES.flatMap((name): (Said | { layer: string })[] => {
    const own = said.filter(({ layer }) => layer === name);
    return own.length > 0 ? own : [{ layer: name }];
  });
  return {
    title: key,
    section: 'Configuration',
    content: html`<p class="lead">${doc}</p>
      ${facts({
        Value: maskedValue(top ?? {}),
        From: top?.source.split(/(?<=\/)/).map((part) => html`${part}<wbr>`) ?? 'nowhere',
        'A new value applies': html`with a ${reload === 'live' ? 'reload' : 'restart'} ${waits}`,
      })}
      <h2>Layers, the highest first</h2>
      ${table('Layers', layers, {
        Layer: ({ layer }) => html`<code>${layer}</code>`,
        Says: (one) => ('source' in one ? noted(maskedValue(one), one.source) : muted('nothing')),
        State: (one) => 'source' in one && (one === top ? badge('in use', 'on') : badge('hidden')),
      })}
      <p class="muted">On a terminal: <code data-copy>npm run explain -- ${key}</code></p>`,
  };
}
