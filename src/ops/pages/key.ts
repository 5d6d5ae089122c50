import type { AppConfig } from '../../config/app-config.ts';
import { LAYERS } from '../../config/layers.ts';
import { declaration, type KeyName } from '../../config/schema.ts';
import { type Content, html } from '../../http/html.ts';
import type { Page } from './layout.ts';
import { badge, facts, shownValue, table } from './parts.ts';

const SHOWN = { public: 'as it is', secret: 'hidden', dsn: 'without its credentials' };

/** One key: its sentence, and what every layer says about it, the highest first. */
export function keyPage(config: AppConfig, key: KeyName): Page {
  const said = config.explain(key);
  const [top] = said;
  const { doc, reload, visibility = 'secret' } = declaration(key) ?? {};
  const waits = config.pending().includes(key) && badge('one is waiting', 'warn');
  const layers = LAYERS.toReversed().flatMap(({ name }): Content[][] => {
    const own = said.filter(({ layer }) => layer === name);
    if (own.length === 0)
      return [[html`<code>${name}</code>`, html`<span class="muted">says nothing</span>`, '']];
    return own.map((one) => [
      html`<code>${name}</code>`,
      html`${shownValue(one)} <small>${one.source}</small>`,
      one === top ? badge('in use', 'on') : badge('hidden'),
    ]);
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
      ${table('Layers', ['Layer', 'Says', 'State'], layers)}
      <p class="muted">On a terminal: <code data-copy>npm run explain -- ${key}</code></p>`,
  };
}
