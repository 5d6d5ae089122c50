import { readFileSync } from 'node:fs';
import type { AppConfig } from '../../config/app-config.ts';
import { duration } from '../../config/duration.ts';
import { summarizeProblem } from '../../config/problem.ts';
import type { FlagStore } from '../../flags/store.ts';
import { type Html, html } from '../../http/html.ts';
import type { AuditEntry } from '../audit/entry.ts';
import { detailText } from './audit.ts';
import { layout, type Viewer } from './layout.ts';
import { ago, badge, table } from './parts.ts';

interface Facts {
  readonly config: AppConfig;
  readonly flags: FlagStore;
  /** The newest changes; nothing where the audit trail cannot be read. */
  readonly changes: readonly AuditEntry[] | undefined;
}

const { version } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** How the app is, at one look: what calls for attention, how each source does, what changed. */
export function overviewPage({ config, flags, changes }: Facts, viewer: Viewer): Html {
  const last = config.lastReload();
  const overridden = flags.list().filter(({ override }) => override !== undefined);
  return layout(config.snapshot, {
    title: 'Overview',
    section: '/ops',
    viewer,
    content: html`<div id="live" data-live>
      <dl class="facts">
        <div><dt>Environment</dt><dd>${config.get('ENV')} <small>by ${config.origin('ENV')?.source}</small></dd></div>
        <div><dt>Configuration</dt><dd>version ${config.version} <small>${
          last ? html`reloaded ${ago(last.at)}` : 'as at the start'
        }</small></dd></div>
        <div><dt>Up for</dt><dd>${duration(process.uptime())} <small>version ${version}, Node ${process.versions.node}</small></dd></div>
        <div><dt>Flags</dt><dd>${overridden.length} overridden <small>of ${flags.list().length}</small></dd></div>
      </dl>
      ${attention(config, flags)}
      <section aria-labelledby="sources">
        <h2 id="sources">Sources</h2>
        ${table('Sources', ['Layer', 'Source', 'Status', 'Keys', 'Age'], sources(config, flags))}
      </section>
      <section aria-labelledby="changes">
        <h2 id="changes">Last changes</h2>
        ${lastChanges(changes)}
      </section>
      </div>`,
  });
}

function attention(config: AppConfig, flags: FlagStore): Html {
  const last = config.lastReload();
  const expired = flags.list().filter((flag) => flag.expired);
  const points = [
    ...config
      .pending()
      .map((key) => html`<a href="/ops/config/${key}">${key}</a> waits for a restart`),
    last?.ok === false &&
      html`The reload by ${last.by}, ${ago(last.at)}, was refused. <a href="/ops/reload">See why</a>`,
    ...expired.map(
      ({ name, owner, expires }) =>
        `${name} expired ${expires}: ${owner} should take it out of the code`,
    ),
    ...config.warnings().map(summarizeProblem),
  ].filter((point) => point !== false);
  const list = html`<ul class="points">${points.map((point) => html`<li>${point}</li>`)}</ul>`;
  return html`<section aria-labelledby="attention">
        <h2 id="attention">Needs attention</h2>
        ${points.length === 0 ? html`<p class="muted">Nothing.</p>` : list}
      </section>`;
}

const KINDS = { fresh: 'on', stale: 'warn', failed: 'bad', absent: 'plain', off: 'plain' } as const;

function sources(config: AppConfig, flags: FlagStore): Html[] {
  const all = [
    ...config.sources(),
    ...flags.sources().map((source) => ({ layer: 'flags', keys: '', attempts: 1, ...source })),
  ];
  return all.map(
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

function lastChanges(changes: readonly AuditEntry[] | undefined): Html {
  if (changes === undefined) return html`<p class="fault">The audit trail cannot be read.</p>`;
  if (changes.length === 0) return html`<p class="muted">None.</p>`;
  const rows = changes.map(
    ({ at, actor, action, target, detail }) => html`<tr>
              <th scope="row">${ago(Date.parse(at))}</th>
              <td>${actor}</td>
              <td>${action} <small>${target}</small></td>
              <td>${detail !== null && html`<code>${detailText(detail)}</code>`}</td>
            </tr>
            `,
  );
  return table('Changes', ['When', 'Who', 'What', 'Detail'], rows);
}
