import type { AppConfig } from '../../config/app-config.ts';
import type { ReloadResult } from '../../config/reload.ts';
import { type Html, html } from '../../http/html.ts';
import { layout, tokenField, type Viewer } from './layout.ts';
import { badge, shownValue, table } from './parts.ts';

/** What a reload would change, and the button that does it. */
export function reloadPage(config: AppConfig, result: ReloadResult, viewer: Viewer): Html {
  const { changes, restartRequired, shadowed } = result;
  return layout(config.snapshot, {
    title: 'Reload',
    section: '/ops/config',
    viewer,
    content: html`<p class="lead">Every source was read again. This is what would change; nothing has yet.</p>
      ${
        changes.length === 0
          ? html`<p>Nothing would change.</p>`
          : table(
              'Changes',
              ['Key', 'Now', 'Then', 'From', 'Applies'],
              changes.map(
                ({ key, before, after, origin }) => html`<tr>
              <th scope="row"><a href="/ops/config/${key}"><code>${key}</code></a></th>
              <td>${shownValue(before)}</td>
              <td>${shownValue(after)}</td>
              <td>${origin?.source}</td>
              <td>${restartRequired.includes(key) ? badge('with a restart', 'warn') : badge('at once', 'on')}</td>
            </tr>
            `,
              ),
            )
      }
      ${
        shadowed.length > 0 &&
        html`<h2>New, but without effect</h2>
      <ul class="points">${shadowed.map(
        ({ key, source, hiddenBy }) =>
          html`<li><code>${key}</code> in ${source} is hidden by ${hiddenBy}</li>`,
      )}</ul>`
      }
      <div class="actions">
        ${
          changes.length > 0 &&
          html`<form method="post" action="/ops/reload">${tokenField(viewer)}
          <button type="submit" class="primary">Reload in ${config.get('ENV')}</button></form>`
        }
        <a class="button" href="/ops/reload">Check again</a>
        <a href="/ops/config">Leave it</a>
      </div>`,
  });
}

/** What a reload has done, in a sentence or two. */
export function reloadText({ version, changes, restartRequired }: ReloadResult): string {
  const applied = changes.map(({ key }) => key).filter((key) => !restartRequired.includes(key));
  const done = applied.length === 0 ? 'Reloaded; no value in use has changed.' : '';
  const news = applied.length > 0 ? `Version ${version} is in use: ${applied.join(', ')}.` : done;
  if (restartRequired.length === 0) return news;
  return `${news} Waiting for a restart: ${restartRequired.join(', ')}.`;
}
