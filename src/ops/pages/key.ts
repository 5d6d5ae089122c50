import type { AppConfig } from '../../config/app-config.ts';
import { LAYERS } from '../../config/layers.ts';
import { declaration, type KeyName } from '../../config/schema.ts';
import type { Said } from '../../config/view.ts';
import { html } from '../../http/html.ts';
import type { Page } from './layout.ts';
import { badge, facts, muted, noted, shownValue, table } from './parts.ts';

const SHOWN = { public: 'as it is', secret: 'hidden', dsn: 'without its credentials' };

/** One key: its sentence, and what every layer says about it, the highest first. */
export function keyPage(config: AppConfig, key: KeyName): Page {
  const said = config.explain(key);
  const [top] = said;
  const { doc, reload, visibility = 'secret' } = declaration(key) ?? {};
  const waits = config.pending().includes(key) && badge('one is waiting', 'warn');
  const layers = LAYERS.toReversed().flatMap(({ name }): (Said | { layer: string })[] => {
    const own = said.filter(({ layer }) => layer === name);
    return own.length > 0 ? own : [{ layer: name }];
  });
  return {
    title: key,
    section: 'Configuration',
    actions: html`<a class="button" href="/ops/config">All keys</a>`,
    content: html`<p class="lead">${doc}</p>
      ${facts({
        Value: shownValue(top ?? {}),
        From: top?.source ?? 'nowhere',
        'Shown here': SHOWN[visibility],
        'A new value applies': html`with a ${reload === 'live' ? 'reload' : 'restart'} ${waits}`,
      })}
      <h2>Layers, the highest first</h2>
      ${table('Layers', layers, {
        Layer: ({ layer }) => html`<code>${layer}</code>`,
        Says: (one) =>
          'source' in one ? noted(shownValue(one), one.source) : muted('says nothing'),
        State: (one) => 'source' in one && (one === top ? badge('in use', 'on') : badge('hidden')),
      })}
      <p class="muted">On a terminal: <code data-copy>npm run explain -- ${key}</code></p>`,
  };
}
