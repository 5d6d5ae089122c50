import { readFileSync } from 'node:fs';
import type { AppConfig } from '../../config/app-config.ts';
import { duration } from '../../config/duration.ts';
import { summarizeProblem } from '../../config/problem.ts';
import type { FlagStore } from '../../flags/store.ts';
import { type Content, html } from '../../http/html.ts';
import type { AuditEntry } from '../audit/entry.ts';
import { detailText } from './audit.ts';
import type { Page } from './layout.ts';
import { ago, badge, facts, points, table } from './parts.ts';

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
);

/** How the app is, at one look; without `changes` the audit trail cannot be read. */
export function overviewPage(config: AppConfig, flags: FlagStore, changes?: AuditEntry[]): Page {
  const last = config.lastReload();
  const all = flags.list();
  const overridden = all.filter(({ override }) => override !== undefined).length;
  return {
    title: 'Overview',
    content: html`<div id="live" data-live>
      ${facts({
        Environment: html`${config.get('ENV')} <small>by ${config.origin('ENV')?.source}</small>`,
        Configuration: html`version ${config.version}
          <small>${last ? html`reloaded ${ago(last.at)}` : 'as at the start'}</small>`,
        'Up for': html`${duration(process.uptime())}
          <small>version ${version}, Node ${process.versions.node}</small>`,
        Flags: html`${overridden} overridden <small>of ${all.length}</small>`,
      })}
      <h2>Needs attention</h2>
      ${points(attention(config, flags))}
      <h2>Sources</h2>
      ${table('Sources', ['Layer', 'Source', 'Status', 'Keys', 'Age'], sourceRows(config, flags))}
      <h2>Last changes</h2>
      ${
        changes
          ? table('Changes', ['When', 'Who', 'What', 'Detail'], changes.map(changeRow))
          : html`<p class="bad">The audit trail cannot be read.</p>`
      }
      </div>`,
  };
}

function attention(config: AppConfig, flags: FlagStore): Content[] {
  const last = config.lastReload();
  const waits = (key: string) => html`<a href="/ops/config/${key}">${key}</a> waits for a restart`;
  const expired = flags.list().filter((flag) => flag.expired);
  return [
    ...config.pending().map(waits),
    last?.ok === false &&
      html`The reload by ${last.by}, ${ago(last.at)}, was refused. <a href="/ops/reload">See why</a>`,
    ...expired.map(
      ({ name, owner, expires }) =>
        `${name} expired ${expires}: ${owner} should take it out of the code`,
    ),
    ...config.warnings().map(summarizeProblem),
  ];
}

function sourceRows(config: AppConfig, flags: FlagStore): Content[][] {
  const ofFlags = { layer: 'flags', keys: '', attempts: 1 };
  const all = [...config.sources(), ...flags.sources().map((one) => ({ ...ofFlags, ...one }))];
  return all.map(({ layer, source, status, keys, ageSeconds, attempts, reason }) => [
    layer,
    html`${source}${reason && html` <small>${config.redact(reason)}</small>`}`,
    html`${badge(status)}${attempts > 1 && html` <small>${attempts} attempts</small>`}`,
    keys,
    duration(ageSeconds),
  ]);
}

function changeRow({ at, actor, action, target, detail }: AuditEntry): Content[] {
  return [
    ago(Date.parse(at)),
    actor,
    html`${action} <small>${target}</small>`,
    detail !== null && html`<code>${detailText(detail)}</code>`,
  ];
}
