import type { AppConfig } from '../../config/app-config.ts';
import { duration } from '../../config/duration.ts';
import type { FlagValue } from '../../config/keys/flags.ts';
import { isProtected } from '../../config/model.ts';
import type { FlagState } from '../../flags/store.ts';
import { flagText } from '../../flags/text.ts';
import { type Html, html } from '../../http/html.ts';
import type { Page, Viewer } from './layout.ts';
import { ago, badge, type Columns, form, muted, noted, select, table } from './parts.ts';

const HOURS = { '15 minutes': 0.25, '1 hour': 1, '4 hours': 4, '1 day': 24, '1 week': 168 };
const LIMITS = [
  ['', 'until somebody changes it'],
  ...Object.entries(HOURS).map(([text, hours]) => [String(hours * 3600), text] as const),
] as const;

/** Every flag with its state and its story; an admin may change it, and `changed` one just now. */
export function flagsPage(
  config: AppConfig,
  flags: readonly FlagState[],
  viewer: Viewer,
  { changed, revision }: Readonly<Record<string, unknown>>,
): Page {
  const news = flags.find(({ name }) => name === changed);
  // Another replica may have made the change.
  const isBehind = news && news.revision < Number(revision);
  const now = isBehind ? 'changed, and here within seconds' : news && flagText(news.value);
  const action = { Action: (flag: FlagState) => panel(config, flag, viewer) };
  const columns = { ...story(config), ...(viewer.operator.role === 'admin' && action) };
  return {
    title: 'Flags',
    notice: news && `${news.name} now: ${now}.`,
    content: table('Flags', flags, columns),
  };
}

const shareOf = (value: FlagValue) => (typeof value === 'object' ? value.rollout : undefined);

function story(config: AppConfig): Columns<FlagState> {
  const secondsTo = (at: number) => (at - Date.now()) / 1000;
  return {
    Flag: ({ name, description }) => noted(html`<code>${name}</code>`, description),
    State: ({ name, value, source, override, below }) => {
      const share = shareOf(value);
      const bar = html` <meter max="100" value="${share}" aria-label="Share of ${name}"></meter>`;
      const hidden = override && ` over ${below.source}: ${flagText(below.value)}`;
      const end = override?.until && `, ends in ${duration(secondsTo(override.until))}`;
      const text = flagText(value);
      const state = badge(text, text === 'off' ? 'off' : 'on');
      return noted([state, share !== undefined && bar], [source, hidden, end]);
    },
    Owner: ({ owner, kind }) => noted(owner, kind),
    Life: ({ created, expired, expires }) => {
      const end = expired ? badge(`expired ${expires}`, 'warn') : expires && `until ${expires}`;
      return noted(`${duration(-secondsTo(Date.parse(created)))} old`, end);
    },
    'Last change': ({ lastChange: last }) =>
      last
        ? noted([last.by, ', ', ago(last.at)], config.redact(last.reason ?? ''))
        : muted('never'),
  };
}

// Opened by the browser itself, so that no script is needed.
function panel(config: AppConfig, flag: FlagState, viewer: Viewer): Html {
  const { name, value, revision, below, override, description } = flag;
  const { ENV } = config.snapshot;
  const isStrict = isProtected(ENV);
  const share = shareOf(value);
  const now = share === undefined ? String(value) : 'rollout';
  const checked = (one: string) => one === now && html` checked`;
  const choice = (one: string, label: string) =>
    html`<label><input type="radio" name="value" value="${one}" required${checked(one)}> ${label}</label>`;
  const expected = html`<input type="hidden" name="revision" value="${revision}">`;
  const path = `/ops/flags/${name}`;
  const change = html`<fieldset>
          <legend>State</legend>
          ${choice('true', 'On')}
          ${choice('false', 'Off')}
          <span>${choice('rollout', 'On for')}
          <label><input type="number" name="rollout" min="0" max="100" step="any"
            value="${share}"> % of users</label></span>
        </fieldset>
        <label>Reason${!isStrict && ' (optional)'} <input type="text" name="reason"
          maxlength="500" autocomplete="off"${isStrict && html` required`}></label>
        ${select('For how long', 'ttl', LIMITS)}
        <div class="row"><button type="submit" class="primary grow">Change in ${ENV}</button>
          <button type="button" class="grow" popovertarget="change-${name}"
            popovertargetaction="hide">Cancel</button></div>`;
  const restore = html`<input type="hidden" name="value" value="">
        <button type="submit">Back to ${flagText(below.value)} (${below.source})</button>`;
  const label = html`aria-label="Change ${name}"`;
  return html`<button type="button" popovertarget="change-${name}" ${label}>Change</button>
      <dialog popover id="change-${name}" ${label}>
        <h2>Change <code>${name}</code></h2>
        <p class="muted">${description} Now: ${flagText(value)}.</p>
        ${form(path, viewer, [expected, change])}
        ${override && form(path, viewer, [expected, restore])}
      </dialog>`;
}
