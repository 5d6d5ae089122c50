import type { AppConfig } from '../../config/app-config.ts';
import { duration } from '../../config/duration.ts';
import type { FlagValue } from '../../config/keys/flags.ts';
import { isProtected } from '../../config/model.ts';
import type { FlagState } from '../../flags/store.ts';
import { type Html, html } from '../../http/html.ts';
import { layout, tokenField, type Viewer } from './layout.ts';
import { ago, badge, table } from './parts.ts';

const LIMITS = [
  ['', 'until somebody changes it'],
  ['900', '15 minutes'],
  ['3600', '1 hour'],
  ['14400', '4 hours'],
  ['86400', '1 day'],
  ['604800', '1 week'],
];

/** Every flag with its state and its story; an admin may change it. */
export function flagsPage(config: AppConfig, flags: readonly FlagState[], viewer: Viewer): Html {
  const isAdmin = viewer.operator.role === 'admin';
  const columns = ['Flag', 'State', 'From', 'Owner', 'Life', 'Last change'];
  return layout(config.snapshot, {
    title: 'Flags',
    section: '/ops/flags',
    viewer,
    content: html`${table(
      'Flags',
      isAdmin ? [...columns, 'Action'] : columns,
      flags.map((flag) => row(config, flag, isAdmin)),
    )}
      ${isAdmin && flags.map((flag) => panel(config, flag, viewer))}`,
  });
}

/** A flag's value in words. */
export function flagText(value: FlagValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const { rollout, variants = {}, allow = [], deny = [] } = value;
  const shares = Object.entries(variants).map(([name, weight]) => `${name} ${weight}`);
  return [
    rollout !== undefined && `on for ${rollout} %`,
    shares.length > 0 && `variants ${shares.join(', ')}`,
    allow.length > 0 && `${allow.length} always on`,
    deny.length > 0 && `${deny.length} always off`,
  ]
    .filter(Boolean)
    .join('; ');
}

function row(config: AppConfig, flag: FlagState, isAdmin: boolean): Html {
  const { name, value, description, override, lastChange, owner, kind, created, expires } = flag;
  const rollout = typeof value === 'object' ? value.rollout : undefined;
  const age = duration((Date.now() - Date.parse(created)) / 1000);
  return html`<tr>
              <th scope="row"><code>${name}</code> <small>${description}</small></th>
              <td>${badge(flagText(value), value === false ? 'plain' : 'on')}${
                rollout !== undefined &&
                html` <meter min="0" max="100" value="${rollout}" aria-label="Share of ${name}">${rollout} %</meter>`
              }</td>
              <td>${flag.source}${
                override &&
                html` <small>over ${flag.configured.source}: ${flagText(flag.configured.value)}</small>`
              }${override?.until !== undefined && html` <small>ends in ${duration((override.until - Date.now()) / 1000)}</small>`}</td>
              <td>${owner} <small>${kind}</small></td>
              <td>${age} old <small>${
                flag.expired ? badge(`expired ${expires}`, 'warn') : expires && `until ${expires}`
              }</small></td>
              <td>${
                lastChange
                  ? html`${lastChange.by}, ${ago(lastChange.at)} <small>${config.redact(lastChange.reason ?? '')}</small>`
                  : html`<span class="muted">never</span>`
              }</td>
              ${isAdmin && html`<td><button type="button" popovertarget="change-${name}" aria-label="Change ${name}">Change</button></td>`}
            </tr>
            `;
}

// Opened by the browser itself, so that no script is needed.
function panel(config: AppConfig, flag: FlagState, viewer: Viewer): Html {
  const { name, value, revision, configured, override } = flag;
  const { ENV } = config.snapshot;
  const share = typeof value === 'object' ? value.rollout : undefined;
  const now = typeof value === 'boolean' ? String(value) : 'rollout';
  const choice = (choice: string, label: string | Html) =>
    html`<label class="check"><input type="radio" name="value" value="${choice}" required${
      choice === now && html` checked`
    }> ${label}</label>`;
  const hidden = html`${tokenField(viewer)}<input type="hidden" name="revision" value="${revision}">`;
  return html`<dialog popover id="change-${name}" class="panel" aria-labelledby="title-${name}">
        <h2 id="title-${name}">Change <code>${name}</code></h2>
        <p class="muted">${flag.description} Now: ${flagText(value)}.</p>
        <form method="post" action="/ops/flags/${name}" class="card">
          ${hidden}
          <fieldset>
            <legend>State</legend>
            ${choice('true', 'On')}
            ${choice('false', 'Off')}
            <div class="check">
              ${choice('rollout', 'On for')}
              <label class="check"><input type="number" name="rollout" min="0" max="100" step="any"
                value="${share ?? ''}" data-chooses="rollout"> % of the users</label>
            </div>
          </fieldset>
          <label for="reason-${name}">Reason${!isProtected(ENV) && html` <span class="muted">(optional)</span>`}</label>
          <input id="reason-${name}" type="text" name="reason" maxlength="500" autocomplete="off"${
            isProtected(ENV) && html` required`
          }>
          <label for="ttl-${name}">For how long</label>
          <select id="ttl-${name}" name="ttl">${LIMITS.map(
            ([seconds, label]) => html`<option value="${seconds}">${label}</option>`,
          )}</select>
          <button type="submit" class="primary">Change in ${ENV}</button>
        </form>
        ${
          override &&
          html`<form method="post" action="/ops/flags/${name}" class="card">
          ${hidden}<input type="hidden" name="value" value="">
          <button type="submit">Back to ${flagText(configured.value)}, as configured</button>
        </form>`
        }
      </dialog>
      `;
}
