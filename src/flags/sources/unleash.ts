import { setTimeout as pause } from 'node:timers/promises';
import { type Context, InMemStorageProvider, Unleash } from 'unleash-client';
import type { AppConfig } from '../../config/app-config.ts';
import { FLAG_NAMES, type FlagName } from '../../config/keys/flags.ts';
import type { FlagVendor, Vended, VendedRule } from '../vendor.ts';
import { Feed, textOf } from './feed.ts';
import { vendorNames } from './names.ts';
import { inTime, START_PATIENCE_MS } from './patience.ts';
import { SteadyRollout } from './steady-rollout.ts';

const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Poll an Unleash server for its definitions and decide by them here, as its own client does.
 * Resolves with the first answer, or after 2 s without one: it is then waited for meanwhile.
 */
export async function openUnleash(config: AppConfig): Promise<FlagVendor> {
  const { UNLEASH_URL = '', UNLEASH_APP_NAME, APP_NAME, ENV } = config.snapshot;
  const refreshInterval = config.get('UNLEASH_REFRESH_SECONDS') * 1000;
  const feed = new Feed('unleash');
  const unleash = new Unleash({
    url: `${UNLEASH_URL.replace(/\/*(?:api\/*)?$/, '')}/api`,
    appName: UNLEASH_APP_NAME ?? APP_NAME,
    environment: ENV,
    // Asked for at each request: a reload brings a new token into use.
    customHeadersFunction: async () => ({
      Authorization: config.get('UNLEASH_TOKEN')?.reveal() ?? '',
    }),
    refreshInterval,
    timeout: REQUEST_TIMEOUT_MS,
    strategies: [new SteadyRollout()],
    // Its usual file would lie in the shared temp folder.
    storageProvider: new InMemStorageProvider(),
    skipInstanceCountWarning: true,
  });
  const repository = unleash['repository'];
  const closing = new AbortController();

  // Without a listener an error ends the process.
  unleash.on('error', (error: unknown) => {
    const text = textOf(error);
    feed.doubt(config.redact(text));
    // The client gives up for good where its token is refused; a token may be put right.
    if (/responded 40[13] /.test(text)) void revive();
  });
  unleash.on('warn', (warning: unknown) => {
    const text = textOf(warning);
    if (!/client\/(?:metrics|register)/.test(text)) feed.doubt(config.redact(text));
  });
  unleash.on('unchanged', () => feed.confirm());
  const first = new Promise<void>((resolve) => {
    unleash.once('ready', () => {
      unleash.on('changed', update);
      update();
      resolve();
    });
  });

  async function revive() {
    const { signal } = closing;
    await pause(refreshInterval, undefined, { ref: false, signal })
      .then(() => repository.start())
      .catch(() => undefined);
  }

  let known: ReadonlyMap<FlagName, string> = new Map();
  function update() {
    const definitions = new Map(
      unleash.getFeatureToggleDefinitions(true).map((feature) => [feature.name, feature]),
    );
    const values = new Map<FlagName, Vended>();
    const texts = new Map<FlagName, string>();
    for (const name of FLAG_NAMES) {
      const feature = vendorNames(name).flatMap((key) => definitions.get(key) ?? [])[0];
      if (feature === undefined) continue;
      const parents = feature.dependencies?.map((parent) => definitions.get(parent.feature));
      const text = JSON.stringify([feature, parents]);
      texts.set(name, text);
      // The same rule as before, where nothing is new, so that nobody takes it for a change.
      const same = text === known.get(name) ? feed.values().get(name) : undefined;
      values.set(name, same ?? decider(unleash, feature.name));
    }
    const changed = FLAG_NAMES.filter((name) => texts.get(name) !== known.get(name));
    known = texts;
    feed.confirm();
    feed.replace(values, changed);
  }

  await inTime(first, START_PATIENCE_MS);
  return Object.assign(feed, {
    async close() {
      closing.abort();
      unleash.destroy();
      // A fetch that fails now would end the process: `destroy` takes every listener away.
      repository.on('error', () => undefined);
    },
  });
}

function decider(unleash: Unleash, feature: string): VendedRule {
  return {
    isOn: (subject) => unleash.isEnabled(feature, contextOf(subject)),
    variant: (subject) => {
      const { enabled, name } = unleash.getVariant(feature, contextOf(subject));
      return enabled ? name : undefined;
    },
  };
}

function contextOf(subject: string | undefined): Context {
  return subject === undefined ? {} : { userId: subject };
}
