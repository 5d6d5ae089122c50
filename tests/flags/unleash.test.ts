import { once } from 'node:events';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeApp } from '../support/app.ts';
import {
  gradual,
  startUnleashServer,
  toggle,
  type UnleashFeature,
  type UnleashServer,
} from '../support/unleash.ts';

const FLAG = 'FEATURE_SIGNUP_V2';
const SUBJECTS = Array.from({ length: 2_000 }, (_, index) => `user-${index}`);

async function flagsOf(...features: UnleashFeature[]) {
  const server = await startUnleashServer(...features);
  const { flags } = (await makeApp({ vars: server.vars })).locals;
  return { server, flags };
}

/** Unleash's own client beside ours. */
async function plainClient(server: UnleashServer): Promise<Unleash> {
  const client = new Unleash({
    url: server.url,
    appName: 'plain',
    customHeaders: { Authorization: server.token },
    storageProvider: new InMemStorageProvider(),
    skipInstanceCountWarning: true,
  });
  onTestFinished(() => client.destroy());
  await once(client, 'synchronized');
  return client;
}

describe('what Unleash decides', () => {
  test('a flag that is switched there changes here within a poll, and is told once', async () => {
    const { server, flags } = await flagsOf(toggle(FLAG, false), toggle('other', false));
    const heard: string[] = [];
    flags.onChange((name) => heard.push(name));
    expect(flags.isOn(FLAG)).toBe(false);
    server.setFeatures(toggle(FLAG, true), toggle('other', false));
    await vi.waitFor(() => expect(flags.isOn(FLAG)).toBe(true), 2_500);
    server.setFeatures(toggle(FLAG, true), toggle('other', true));
    await server.hears('/api/client/features', 200);
    await server.hears('/api/client/features', 304);
    expect(heard).toEqual([FLAG]);
  });

  const constraint = { contextName: 'userId', operator: 'STR_ENDS_WITH', values: ['7', '3'] };
  test.each<[string, UnleashFeature[]]>([
    ['a rollout to 25%', [gradual(FLAG, 25)]],
    ['a rollout by userId', [gradual(FLAG, 50, {}, { stickiness: 'userId' })]],
    ['a rollout with a constraint', [gradual(FLAG, 60, { constraints: [constraint] })]],
    [
      'a parent flag',
      [gradual('parent', 40), { ...toggle(FLAG, true), dependencies: [{ feature: 'parent' }] }],
    ],
    [
      'listed users',
      [
        {
          ...toggle(FLAG, true),
          strategies: [{ name: 'userWithId', parameters: { userIds: 'user-1, user-9' } }],
        },
      ],
    ],
    ['a flag with the short name', [gradual('signup-v2', 25)]],
  ])('%s is the same here as in its own client, user by user', async (_what, features) => {
    const { server, flags } = await flagsOf(...features);
    const plain = await plainClient(server);
    const name = features.at(-1)?.name ?? FLAG;
    const ours = SUBJECTS.filter((subject) => flags.isOn(FLAG, subject));
    expect(ours).toEqual(SUBJECTS.filter((userId) => plain.isEnabled(name, { userId })));
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.length).toBeLessThan(SUBJECTS.length);
  });

  test('a segment is the same here as in its own client', async () => {
    const server = await startUnleashServer(toggle(FLAG, false));
    server.segments = [{ id: 7, constraints: [constraint] }];
    server.setFeatures(gradual(FLAG, 100, { segments: [7] }));
    const { flags } = (await makeApp({ vars: server.vars })).locals;
    const ours = SUBJECTS.filter((subject) => flags.isOn(FLAG, subject));
    expect(ours).toEqual(SUBJECTS.filter((subject) => /[37]$/.test(subject)));
  });

  test('a view that was taken keeps its moment', async () => {
    const { server, flags } = await flagsOf(gradual(FLAG, 30));
    const { state } = flags;
    const before = SUBJECTS.filter((subject) => state.isOn(FLAG, subject));
    server.setFeatures(gradual(FLAG, 90));
    await vi.waitFor(() => expect(flags.state).not.toBe(state), 2_500);
    expect(SUBJECTS.filter((subject) => state.isOn(FLAG, subject))).toEqual(before);
    expect(SUBJECTS.filter((subject) => flags.isOn(FLAG, subject)).length).toBeGreaterThan(1_700);
  });

  test('variants are the same too, of the flag and of its strategy', async () => {
    const weights = [
      { name: 'blue', weight: 700, weightType: 'variable', stickiness: 'default' },
      { name: 'red', weight: 300, weightType: 'variable', stickiness: 'default' },
    ];
    for (const feature of [
      { ...gradual(FLAG, 50), variants: weights },
      gradual(FLAG, 50, { variants: weights }),
    ]) {
      const { server, flags } = await flagsOf(feature);
      const plain = await plainClient(server);
      const ours = SUBJECTS.map((subject) => flags.variant(FLAG, subject));
      const theirs = SUBJECTS.map((userId) => plain.getVariant(FLAG, { userId }));
      expect(ours).toEqual(theirs.map(({ enabled, name }) => (enabled ? name : undefined)));
      expect(new Set(ours)).toEqual(new Set(['blue', 'red', undefined]));
    }
  });

  test('without a subject a rollout in part is off, time after time, and a whole one is on', async () => {
    const { server, flags } = await flagsOf(gradual(FLAG, 50));
    expect(SUBJECTS.some(() => flags.isOn(FLAG))).toBe(false);
    server.setFeatures(gradual(FLAG, 100));
    await vi.waitFor(() => expect(flags.isOn(FLAG)).toBe(true), 2_500);
  });

  test('a definition that makes no sense turns its flag off and hurts nobody', async () => {
    const broken = { name: FLAG, enabled: true, strategies: [{ name: 'flexibleRollout' }] };
    const { flags } = await flagsOf(broken);
    expect(flags.isOn(FLAG, 'ada')).toBe(false);
    expect(flags.variant(FLAG, 'ada')).toBeUndefined();
  });
});

test('it lies above the configuration and below an override, and goes when Unleash forgets it', async () => {
  const server = await startUnleashServer(toggle(FLAG, false));
  const vars = { ...server.vars, FEATURE_SIGNUP_V2: 'true' };
  const { flags } = (await makeApp({ vars })).locals;
  expect(flags.explain(FLAG)).toMatchObject({ on: false, reason: 'vendor', source: 'unleash' });
  await flags.set(FLAG, true);
  expect(flags.explain(FLAG)).toMatchObject({ on: true, source: 'override' });
  await flags.unset(FLAG);
  expect(flags.isOn(FLAG)).toBe(false);
  server.setFeatures();
  await vi.waitFor(() => expect(flags.isOn(FLAG)).toBe(true), 2_500);
  expect(flags.explain(FLAG)).toMatchObject({ source: `env ${FLAG}` });
});

test('Unleash hears who asks and how often, and nothing about users', async () => {
  const { server, flags } = await flagsOf(gradual(FLAG, 50));
  await vi.waitFor(() =>
    expect(server.heard.map(({ path }) => path)).toContain('/api/client/register'),
  );
  expect(server.heard.find(({ path }) => path === '/api/client/register')?.body).toMatchObject({
    appName: 'Strata',
  });
  flags.isOn(FLAG, 'ada-lovelace');
  expect(JSON.stringify(server.heard)).not.toContain('ada-lovelace');
});
