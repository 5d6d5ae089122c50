import type { AppConfig } from '../../config/app-config.ts';
import { showValue } from '../../config/mask.ts';
import { declarations, isKeyName, type KeyName } from '../../config/schema.ts';
import { type Html, html } from '../../http/html.ts';
import { layout, type Viewer } from './layout.ts';

/** Every key with its masked value, its origin and what it hides. */
export function configPage(config: AppConfig, viewer: Viewer): Html {
  const masked = config.masked();
  const keys = [...declarations()].map(([name]) => name).filter(isKeyName);
  return layout(config.snapshot, {
    title: 'Configuration',
    viewer,
    content: html`<p class="muted">Version ${config.version}.</p>
      <div class="scroll" role="region" aria-label="Keys" tabindex="0">
        <table>
          <thead><tr><th scope="col">Key</th><th scope="col">Value</th><th scope="col">Origin</th></tr></thead>
          <tbody>${keys.map((key) => row(config, key, masked[key]))}</tbody>
        </table>
      </div>`,
  });
}

function row(config: AppConfig, key: KeyName, value: unknown): Html {
  const [top, ...lower] = config.explain(key);
  const mark =
    top?.fingerprint === undefined ? '' : html` <small class="muted">${top.fingerprint}</small>`;
  const over = lower.map(({ source }) => html` <span class="muted">over ${source}</span>`);
  return html`<tr>
            <th scope="row"><code>${key}</code></th>
            <td><code>${showValue(value)}</code>${mark}</td>
            <td>${top?.source ?? '-'}${over}</td>
          </tr>
          `;
}
