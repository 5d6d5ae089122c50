import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { createApp } from '../src/app.ts';
import { print } from './report.ts';

const ROUNDS = 60;
const READS = 4_096;
const PLAIN = 'FEATURE_SIGNUP_V2';
const ROLLED = 'FEATURE_NEW_CHECKOUT';

type Read = (subject: string) => unknown;
type Case = readonly [name: string, read: Read, isAsync?: true];

/** Time reads of a flag side by side, and print each one's fastest round as ratios. */
export async function benchReads(): Promise<void> {
  const processEnv = { [PLAIN]: 'true', [ROLLED]: '{"rollout":50}' };
  await using app = await createApp('testing', { processEnv });
  const { flags } = app.locals;
  const map = new Map([
    [PLAIN, true],
    [ROLLED, false],
  ]);
  const unleash = await localUnleash();
  const client = await localOpenFeature();
  const cases: Case[] = [
    ['Map.get', () => map.get(PLAIN)],
    ['flags.isOn, plain', () => flags.isOn(PLAIN)],
    ['flags.isOn, rollout', (subject) => flags.isOn(ROLLED, subject)],
    ['unleash-client, plain', () => unleash.isEnabled(PLAIN)],
    ['unleash-client, rollout', (userId) => unleash.isEnabled(ROLLED, { userId })],
    ['OpenFeature, in memory', () => client.getBooleanValue(PLAIN, false), true],
  ];
  const best = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    // Always new subjects, made beforehand.
    const subjects = Array.from({ length: READS }, (_, at) => `user-${round * READS + at}`);
    for (const one of cases) {
      const took = await nanoseconds(one, subjects);
      best.set(one[0], Math.min(best.get(one[0]) ?? Infinity, took));
    }
  }
  const base = best.get('Map.get') ?? Number.NaN;
  const limits = new Map([
    ['flags.isOn, plain', ' (at most 1.5)'],
    ['flags.isOn, rollout', ' (at most 70)'],
  ]);
  print('One read (fastest of all rounds, and as a multiple of Map.get)', [
    ...[...best].map(([name, took]): [string, string] => {
      const ratio = (took / base).toFixed(took / base < 10 ? 2 : 0);
      return [name, `${took.toFixed(1).padStart(7)} ns  ${ratio}${limits.get(name) ?? ''}`];
    }),
  ]);
  unleash.destroy();
  await OpenFeature.close();
}

async function nanoseconds([, read, isAsync]: Case, subjects: readonly string[]): Promise<number> {
  const start = process.hrtime.bigint();
  let on = 0;
  if (isAsync) for (const subject of subjects) on += (await read(subject)) ? 1 : 0;
  else for (const subject of subjects) on += read(subject) ? 1 : 0;
  const took = Number(process.hrtime.bigint() - start);
  // Counted and looked at, so that no read can be left out as useless.
  if (on > subjects.length) throw new Error('more answers than questions');
  return took / subjects.length;
}

async function localUnleash(): Promise<Unleash> {
  const toggle = (name: string, rollout: string) => ({
    name,
    enabled: true,
    project: 'default',
    type: 'release',
    stale: false,
    impressionData: false,
    variants: [],
    strategies: [
      {
        name: 'flexibleRollout',
        parameters: { rollout, stickiness: 'default', groupId: name },
        constraints: [],
      },
    ],
  });
  const unleash = new Unleash({
    url: 'http://127.0.0.1:9/api',
    appName: 'bench',
    refreshInterval: 0,
    disableMetrics: true,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: [toggle(PLAIN, '100'), toggle(ROLLED, '50')] },
  });
  // There is no server; without a listener its absence would end the process.
  unleash.on('error', () => undefined);
  unleash.on('warn', () => undefined);
  await new Promise<void>((resolve) => unleash.once('ready', resolve));
  return unleash;
}

async function localOpenFeature() {
  const variants = { on: true, off: false };
  await OpenFeature.setProviderAndWait(
    new InMemoryProvider({ [PLAIN]: { variants, defaultVariant: 'on', disabled: false } }),
  );
  return OpenFeature.getClient();
}
