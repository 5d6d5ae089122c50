import type { AppConfig } from '../../config/app-config.ts';
import { duration } from '../../config/duration.ts';
import { summarizeProblem } from '../../config/problem.ts';
import { type Html, html } from '../../http/html.ts';
import { layout, type Viewer } from './layout.ts';
import { badge, table } from './parts.ts';

/** How the app is, at one look: what calls for attention, and how each source answered. */
export function overviewPage(config: AppConfig, viewer: Viewer): Html {
  const { ENV } = config.snapshot;
  return layout(config.snapshot, {
    title: 'Overview',
    section: '/ops',
    viewer,
    content: html`<div id="live" data-live>
      <dl class="facts">
        <div><dt>Environment</dt><dd>${ENV} <small>${config.origin('ENV')?.source}</small></dd></div>
        <div><dt>Configuration</dt><dd>version ${config.version}</dd></div>
        <div><dt>Up for</dt><dd>${duration(process.uptime())}</dd></div>
        <div><dt>Node</dt><dd>${process.versions.node}</dd></div>
      </dl>
      ${attention(config)}
      <section aria-labelledby="sources">
        <h2 id="sources">Sources</h2>
        ${table('Sources', ['Layer', 'Source', 'Status', 'Keys', 'Age'], sources(config))}
      </section>
      </div>`,
  });
}

function attention(config: AppConfig): Html {
  const points = config.warnings().map((warning) => html`<li>${summarizeProblem(warning)}</li>`);
  return html`<section aria-labelledby="attention">
        <h2 id="attention">Needs attention</h2>
        ${points.length === 0 ? html`<p class="muted">Nothing.</p>` : html`<ul class="points">${points}</ul>`}
      </section>`;
}

const KINDS = { fresh: 'on', stale: 'warn', failed: 'bad', absent: 'plain', off: 'plain' } as const;

function sources(config: AppConfig): Html[] {
  return config.sources().map(
    ({ layer, source, status, keys, ageSeconds, attempts, reason }) => html`<tr>
              <th scope="row">${layer}</th>
              <td>${source}${reason && html` <small>${config.redact(reason)}</small>`}</td>
              <td>${badge(status, KINDS[status])}${attempts > 1 && html` <small>${attempts} attempts</small>`}</td>
              <td>${keys}</td>
              <td>${duration(ageSeconds)}</td>
            </tr>
            `,
  );
}
