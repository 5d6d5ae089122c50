import { readFileSync } from 'node:fs';
import type { AppConfig } from '../../config/app-config.ts';
import { duration } from '../../config/duration.ts';
import { summarizeProblem } from '../../config/problem.ts';
import type { AuditEntry } from '../../database/audit/entry.ts';
import type { FlagStore } from '../../flags/store.ts';
import { type Content, html } from '../../http/html.ts';
import { DEED } from './audit.ts';
import type { Page } from './layout.ts';
import { ago, badge, type Columns, facts, keyLink, noted, points, table } from './parts.ts';

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
);
const CHANGES: Columns<AuditEntry> = { When: ({ at }) => ago(Date.parse(at)), ...DEED };

/** How the app is, at one look; without `changes` the audit trail cannot be read. */
export function overviewPage(config: AppConfig, flags: FlagStore, changes?: AuditEntry[]): Page {
  const last = config.lastReload();
  const all = flags.list();
  const overridden = all.filter(({ override }) => override !== undefined).length;
  const ofFlags = { layer: 'flags', keys: '', attempts: 1 };
  const sources = [...config.sources(), ...flags.sources().map((one) => ({ ...ofFlags, ...one }))];
  const { used = [], unused } = Object.groupBy(sources, ({ status }) =>
    status === 'off' || status === 'absent' ? 'unused' : 'used',
  );
  return {
    title: 'Overview',
    content: html`<div id="live" data-live>
      ${facts({
        Environment: noted(config.get('ENV'), `by ${config.origin('ENV')?.source}`),
        Configuration: noted(
          `version ${config.version}`,
          last ? html`reloaded ${ago(last.at)}` : 'as at the start',
        ),
        'Up for': noted(
          duration(process.uptime()),
          `version ${version}, Node ${process.versions.node}`,
        ),
        Flags: noted(`${overridden} overridden`, `of ${all.length}`),
      })}
      <h2>Needs attention</h2>
      ${points(attention(config, flags))}
      <h2>Last changes</h2>
      ${changes ? table('Changes', changes, CHANGES) : html`<p class="bad">The audit trail cannot be read.</p>`}
      <h2>Sources</h2>
      ${table('Sources', used, {
        Layer: ({ layer }) => layer,
        Source: ({ source, reason }) => noted(source, reason),
        Status: ({ status, attempts }) =>
          noted(badge(status), attempts > 1 && `${attempts} attempts`),
        Keys: ({ keys }) => keys,
        Age: ({ ageSeconds }) => duration(ageSeconds),
      })}
      ${unused && html`<p class="muted">Off or absent: ${unused.map(({ source }) => source).join(', ')}.</p>`}
      </div>`,
  };
}

function attention(config: AppConfig, flags: FlagStore): Content[] {
  const last = config.lastReload();
  const expired = flags.list().filter((flag) => flag.expired);
  return [
    ...config.pending().map((key) => html`${keyLink(key)} waits for a restart`),
    last?.ok === false &&
      html`The reload by ${last.by}, ${ago(last.at)}, was refused. <a href="/ops/reload">See why</a>`,
    ...expired.map(
      ({ name, owner, expires }) =>
        `${name} expired ${expires}: ${owner} should take it out of the code`,
    ),
    ...config.warnings().map(summarizeProblem),
  ];
}
