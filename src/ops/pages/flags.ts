import type { AppConfig } from '../../config/app-config.ts';
import { duration } from '../../config/duration.ts';
import type { FlagValue } from '../../config/keys/flags.ts';
import { isProtected } from '../../config/model.ts';
import type { FlagState } from '../../flags/store.ts';
import { type Content, type Html, html } from '../../http/html.ts';
import type { Page, Viewer } from './layout.ts';
import { ago, badge, form, select, table } from './parts.ts';

const HOURS = { '15 minutes': 0.25, '1 hour': 1, '4 hours': 4, '1 day': 24, '1 week': 168 };
const LIMITS = [
  ['', 'until somebody changes it'],
  ...Object.entries(HOURS).map(([text, hours]) => [String(hours * 3600), text] as const),
] as const;

const COLUMNS = ['Flag', 'State', 'From', 'Owner', 'Life', 'Last change'];

/** Every flag with its state and its story; an admin may change it. */
export function flagsPage(config: AppConfig, flags: readonly FlagState[], viewer: Viewer): Page {
  const isAdmin = viewer.operator.role === 'admin';
  const rows = flags.map((flag) =>
    describe(config, flag).concat(isAdmin ? panel(config, flag, viewer) : []),
  );
  return { title: 'Flags', content: table('Flags', COLUMNS.concat(isAdmin ? 'Action' : []), rows) };
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

function shareOf({ value }: FlagState): number | undefined {
  return typeof value === 'object' ? value.rollout : undefined;
}

function describe(config: AppConfig, flag: FlagState): Content[] {
  const { name, value, configured, override, lastChange, expires } = flag;
  const share = shareOf(flag);
  const small = (text: Content) => text && html` <small>${text}</small>`;
  const end = override?.until && `ends in ${duration((override.until - Date.now()) / 1000)}`;
  const age = duration((Date.now() - Date.parse(flag.created)) / 1000);
  return [
    html`<code>${name}</code>${small(flag.description)}`,
    html`${badge(flagText(value), value === false ? 'off' : 'on')} ${
      share !== undefined &&
      html`<meter max="100" value="${share}" aria-label="Share of ${name}">${share} %</meter>`
    }`,
    html`${flag.source}${
      override && small(`over ${configured.source}: ${flagText(configured.value)}`)
    }${small(end)}`,
    html`${flag.owner}${small(flag.kind)}`,
    html`${age} old${small(flag.expired ? badge(`expired ${expires}`, 'warn') : expires && `until ${expires}`)}`,
    lastChange
      ? html`${lastChange.by}, ${ago(lastChange.at)}${small(config.redact(lastChange.reason ?? ''))}`
      : html`<span class="muted">never</span>`,
  ];
}

// Opened by the browser itself, so that no script is needed.
function panel(config: AppConfig, flag: FlagState, viewer: Viewer): Html {
  const { name, value, revision, configured, override, description } = flag;
  const { ENV } = config.snapshot;
  const now = typeof value === 'boolean' ? String(value) : 'rollout';
  const choice = (choice: string, label: string) =>
    html`<label><input type="radio" name="value" value="${choice}" required${
      choice === now && html` checked`
    }> ${label}</label>`;
  const send = (fields: Html) =>
    form(
      `/ops/flags/${name}`,
      viewer,
      html`<input type="hidden" name="revision" value="${revision}">${fields}`,
    );
  const change = html`<fieldset>
          <legend>State</legend>
          ${choice('true', 'On')}
          ${choice('false', 'Off')}
          ${choice('rollout', 'On for')}
          <label><input type="number" name="rollout" min="0" max="100" step="any"
            value="${shareOf(flag)}"> % of the users</label>
        </fieldset>
        <label>Reason${!isProtected(ENV) && ' (optional)'} <input type="text" name="reason"
          maxlength="500" autocomplete="off"${isProtected(ENV) && html` required`}></label>
        ${select('For how long', 'ttl', LIMITS)}
        <button type="submit" class="primary">Change in ${ENV}</button>`;
  const restore = html`<input type="hidden" name="value" value="">
        <button type="submit">Back to ${flagText(configured.value)}, as configured</button>`;
  return html`<button type="button" popovertarget="change-${name}" aria-label="Change ${name}">Change</button>
      <dialog popover id="change-${name}" aria-label="Change ${name}">
        <h2>Change <code>${name}</code></h2>
        <p class="muted">${description} Now: ${flagText(value)}.</p>
        ${send(change)}
        ${override && send(restore)}
      </dialog>`;
}
