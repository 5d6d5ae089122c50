import type { AppConfig } from '../../config/app-config.ts';
import type { ReloadResult } from '../../config/reload.ts';
import { html } from '../../http/html.ts';
import type { Page, Viewer } from './layout.ts';
import { badge, form, keyLink, maskedValue, points, table } from './parts.ts';

/** What a reload would change, and the button that does it. */
export function reloadPage(config: AppConfig, result: ReloadResult, viewer: Viewer): Page {
  const { changes, restartRequired, shadowed } = result;
  const hidden = shadowed.map(
    ({ key, source, hiddenBy }) => html`<code>${key}</code> in ${source} is hidden by ${hiddenBy}`,
  );
  const go = html`<button type="submit" class="primary">Reload in ${config.get('ENV')}</button>`;
  const outlook = changes.length > 0 ? 'This is what would change; nothing has yet.' : '';
  return {
    title: 'Reload',
    section: 'Configuration',
    content: html`<p class="lead">Every source was read again. ${outlook || 'Nothing would change.'}</p>
      ${
        outlook &&
        table('Changes', changes, {
          Key: ({ key }) => keyLink(key),
          Now: ({ before }) => maskedValue(before),
          Then: ({ after }) => maskedValue(after),
          From: ({ origin }) => origin?.source,
          Applies: ({ key }) =>
            restartRequired.includes(key)
              ? badge('with a restart', 'warn')
              : badge('at once', 'on'),
        })
      }
      ${hidden.length > 0 && html`<h2>New, but without effect</h2> ${points(hidden)}`}
      <div class="row">${outlook && form('/ops/reload', viewer, go)}</div>`,
  };
}

/** What the reload that ended `at` has done, in a sentence or two, where it is the last one here. */
export function reloadText(config: AppConfig, at: string): string | undefined {
  const last = config.lastReload();
  if (!last?.ok || at !== `${last.at}`) return 'Reloaded by another replica, or again since then.';
  const news =
    last.changed.length > 0
      ? `Version ${config.version} is in use: ${last.changed.join(', ')}.`
      : 'Reloaded; no value in use has changed.';
  const waiting = config.pending();
  return waiting.length > 0 ? `${news} Waiting for a restart: ${waiting.join(', ')}.` : news;
}
