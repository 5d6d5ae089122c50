import { setTimeout as pause } from 'node:timers/promises';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import type { AppConfig } from '../../config/app-config.ts';
import { inTime } from '../../config/in-time.ts';
import { FLAG_NAMES, type FlagName } from '../../config/keys/flags.ts';
import type { VendedRule } from '../evaluate.ts';
import { rulesOf } from './unleash-rules.ts';
import { createFeed, type FlagVendor, START_PATIENCE_MS, textOf, vendorNames } from './vendor.ts';

/**
 * Poll an Unleash server for its definitions and decide by them here, as its own client does.
 * Resolves with the first answer, or after 2 s without one: it is then waited for meanwhile.
 */
export async function openUnleash(config: AppConfig): Promise<FlagVendor> {
  const { UNLEASH_URL = '', APP_NAME, UNLEASH_APP_NAME: appName = APP_NAME, ENV } = config.snapshot;
  const context = { appName, environment: ENV };
  const refreshInterval = config.get('UNLEASH_REFRESH_SECONDS') * 1000;
  const feed = createFeed('unleash');
  const unleash = new Unleash({
    ...context,
    url: `${UNLEASH_URL.replace(/\/*(?:api\/*)?$/, '')}/api`,
    // Asked for at each request: a reload brings a new token into use.
    customHeadersFunction: async () => ({
      Authorization: config.get('UNLEASH_TOKEN')?.reveal() ?? '',
    }),
    refreshInterval,
    timeout: 5_000,
    // Its usual file would lie in the shared temp folder.
    storageProvider: new InMemStorageProvider(),
    skipInstanceCountWarning: true,
  });
  const repository = unleash['repository'];
  const metrics = unleash['metrics'];
  // A refusal ends the counts for good otherwise; a token may be put right.
  Object.assign(metrics, { configurationError: metrics['backoff'] });
  const closing = new AbortController();
  const revive = () =>
    pause(refreshInterval, undefined, { ref: false, signal: closing.signal })
      .then(() => repository.start())
      .catch(() => undefined);
  const complain = (thrown: unknown) => {
    const text = textOf(thrown);
    // What it could not count says nothing about the flags.
    if (!/client\/(?:metrics|register)/.test(text)) feed.confirm(config.redact(text));
    // The client gives up for good where its token is refused; a token may be put right.
    if (/responded 40[13] /.test(text)) void revive();
  };
  let rules: ReadonlyMap<FlagName, VendedRule & { definition: string }> = new Map();
  const update = () => {
    const features = unleash.getFeatureToggleDefinitions(true);
    const definitions = new Map(features.map((feature) => [feature.name, feature]));
    const ruleOf = rulesOf(unleash, definitions, context);
    const found = FLAG_NAMES.flatMap((name) => {
      const feature = vendorNames(name).flatMap((key) => definitions.get(key) ?? [])[0];
      if (feature === undefined) return [];
      const parents = feature.dependencies?.map((parent) => definitions.get(parent.feature));
      const definition = JSON.stringify([feature, parents]);
      const before = rules.get(name);
      // The same rule where nothing is new, so that nobody takes it for a change.
      const isSame = before?.definition === definition;
      return [[name, isSame ? before : { definition, ...ruleOf(feature.name) }] as const];
    });
    rules = new Map(found);
    feed.confirm();
    feed.replace(rules);
  };

  // Without a listener an error ends the process.
  unleash.on('error', complain);
  unleash.on('warn', complain);
  unleash.on('unchanged', () => feed.confirm());
  const first = Promise.withResolvers<void>();
  unleash.once('ready', () => {
    unleash.on('changed', update);
    update();
    first.resolve();
  });
  await inTime(first.promise, START_PATIENCE_MS).catch(() => undefined);
  return Object.assign(feed, {
    async close() {
      closing.abort();
      unleash.destroy();
      // A fetch that fails now would end the process: `destroy` takes every listener away.
      repository.on('error', () => undefined);
    },
  });
}
