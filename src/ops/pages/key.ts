import type { AppConfig } from '../../config/app-config.ts';
import { LAYERS } from '../../config/layers.ts';
import { declaration, type KeyName } from '../../config/schema.ts';
import type { Said } from '../../config/view.ts';
import { type Html, html } from '../../http/html.ts';
import { layout, type Viewer } from './layout.ts';
import { badge, shownValue } from './parts.ts';

const SHOWN = {
  public: 'shown as it is',
  secret: 'hidden, with a fingerprint',
  dsn: 'shown without its credentials',
};

/** One key: its sentence, and what every layer says about it, the highest first. */
export function keyPage(config: AppConfig, key: KeyName, viewer: Viewer): Html {
  const said = config.explain(key);
  const declared = declaration(key);
  return layout(config.snapshot, {
    title: key,
    section: '/ops/config',
    viewer,
    content: html`<p class="lead">${declared?.doc}</p>
      <dl class="facts">
        <div><dt>Value</dt><dd>${shownValue({ value: undefined, ...said[0] })}</dd></div>
        <div><dt>From</dt><dd>${said[0]?.source ?? 'nowhere'}</dd></div>
        <div><dt>A new value applies</dt><dd>${
          declared?.reload === 'live' ? 'with a reload' : 'with a restart'
        }${config.pending().includes(key) && html` <small>${badge('one is waiting', 'warn')}</small>`}</dd></div>
        <div><dt>Here it is</dt><dd>${SHOWN[declared?.visibility ?? 'secret']}</dd></div>
      </dl>
      <section aria-labelledby="layers">
        <h2 id="layers">Layers, the highest first</h2>
        <ol class="stack">${[...LAYERS].reverse().map(({ name }) =>
          layerOf(
            name,
            said.filter(({ layer }) => layer === name),
            said[0],
          ),
        )}
        </ol>
      </section>
      <p class="muted">On a terminal: <code data-copy>npm run explain -- ${key}</code></p>
      <p><a href="/ops/config">All keys</a></p>`,
  });
}

function layerOf(name: string, said: readonly Said[], winner?: Said): Html {
  if (said.length === 0) {
    return html`
          <li class="silent"><span class="layer">${name}</span> <span>says nothing</span></li>`;
  }
  return html`${said.map(
    (one) => html`
          <li${one === winner && html` class="wins"`}>
            <span class="layer">${name}</span>
            <span>${shownValue(one)} <small>${one.source}</small></span>
            ${one === winner ? badge('in use', 'on') : badge('hidden')}
          </li>`,
  )}`;
}
