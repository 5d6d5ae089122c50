import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openLaunchDarkly } from '../../src/flags/sources/launchdarkly.ts';
import { canary, leaksIn } from '../config/canary.ts';
import { makeConfig } from '../config/make-config.ts';
import { makeApp, temporaryFolder } from '../support/app.ts';
import {
  LaunchDarklyServer,
  type LdFlag,
  ldFlag,
  startLaunchDarkly,
} from '../support/launchdarkly.ts';
import { freePort } from '../support/redis.ts';

const FLAG = 'FEATURE_SIGNUP_V2';
const OTHER = 'FEATURE_NEW_CHECKOUT';
// The SDK comes back after one second at first, and then after longer and longer.
const RECONNECTED = { timeout: 10_000, interval: 20 };

const flagOf = (version: number, on: boolean): LdFlag =>
  ldFlag(FLAG, [true, false], { version, on });

async function open(server: LaunchDarklyServer, vars: Record<string, string> = {}) {
  const config = await makeConfig({ vars: { ...server.vars, ...vars } });
  const vendor = await openLaunchDarkly(config);
  onTestFinished(() => vendor.close());
  const value = (name: typeof FLAG | typeof OTHER = FLAG) => vendor.values().get(name);
  return { vendor, value };
}

describe('the stream', () => {
  test('a patch is visible in under a second, and only while LaunchDarkly says so', async () => {
    const server = await startLaunchDarkly([flagOf(1, false)]);
    const { flags } = (await makeApp({ vars: server.vars })).locals;
    const before = { on: false, reason: 'vendor', source: 'launchdarkly' };
    expect(flags.explain(FLAG)).toMatchObject(before);
    const start = performance.now();
    server.patch(flagOf(2, true));
    await vi.waitFor(() => expect(flags.isOn(FLAG)).toBe(true), { interval: 5 });
    expect(performance.now() - start).toBeLessThan(1_000);
    server.delete(FLAG, 3);
    await vi.waitFor(() => expect(flags.explain(FLAG).source).not.toBe('launchdarkly'));
    expect(flags.isOn(FLAG)).toBe(false);
  });

  test('an older version that arrives late changes nothing', async () => {
    const server = await startLaunchDarkly([flagOf(5, true)]);
    const { value } = await open(server);
    server.patch(flagOf(4, false));
    server.delete(FLAG, 3);
    server.patch(ldFlag(OTHER, [true, false]));
    await vi.waitFor(() => expect(value(OTHER)).toBe(true));
    expect(value()).toBe(true);
  });

  test('an outage flips nothing and shows; what was missed is there when it ends', async () => {
    const server = await startLaunchDarkly([flagOf(1, true)]);
    const { flags } = (await makeApp({ vars: server.vars })).locals;
    const status = () => flags.sources().find(({ source }) => source === 'launchdarkly');
    const heard: string[] = [];
    flags.onChange((name) => heard.push(name));
    await server.stop();
    await vi.waitFor(() =>
      expect(status()).toMatchObject({
        status: 'stale',
        reason: expect.stringMatching(/streaming request/),
      }),
    );
    expect(flags.isOn(FLAG)).toBe(true);
    expect(heard).toEqual([]);
    server.patch(flagOf(2, false));
    await server.start();
    await vi.waitFor(() => expect(flags.isOn(FLAG)).toBe(false), RECONNECTED);
    expect(status()).toEqual({ source: 'launchdarkly', status: 'fresh', ageSeconds: 0 });
  }, 30_000);
});

describe('the start', () => {
  test('waits two seconds for a service that is away, which is found later', async () => {
    const server = new LaunchDarklyServer(await freePort());
    server.patch(flagOf(1, true));
    onTestFinished(() => server.stop());
    const start = performance.now();
    const { vendor, value } = await open(server);
    expect(performance.now() - start).toBeLessThan(2_600);
    expect(vendor.status()).toMatchObject({ status: 'stale' });
    expect(value()).toBeUndefined();
    await server.start();
    await vi.waitFor(() => expect(value()).toBe(true), RECONNECTED);
    expect(vendor.status()).toMatchObject({ status: 'fresh' });
  }, 30_000);

  test('goes on with a key that is refused, and tells without showing it', async () => {
    const server = await startLaunchDarkly([flagOf(1, true)]);
    const { vendor, value } = await open(server, { LAUNCHDARKLY_SDK_KEY: canary() });
    const status = vendor.status();
    expect(status).toMatchObject({ status: 'stale', reason: expect.stringMatching(/401/) });
    expect(leaksIn(JSON.stringify(status))).toEqual([]);
    expect(value()).toBeUndefined();
  });
});

describe('what a flag may be there', () => {
  test.each([
    ['a boolean', ldFlag(FLAG, [true, false]), true],
    [
      'a text: the variant that all get',
      ldFlag(FLAG, ['blue', 'off']),
      { variants: { blue: 100 } },
    ],
    ['a rollout', ldFlag(FLAG, [{ rollout: 25 }, false]), { rollout: 25 }],
    ['variants', ldFlag(FLAG, [{ variants: { a: 1 } }, false]), { variants: { a: 1 } }],
    ['a flag with the short name', ldFlag('signup-v2', [true, false]), true],
  ])('%s', async (_what, flag, expected) => {
    const { value } = await open(await startLaunchDarkly([flag]));
    expect(value()).toEqual(expected);
  });

  test.each([
    ['a number', [7, 0]],
    ['an object of another kind', [{ colour: 'blue' }, {}]],
    ['a text that is no name', ['a b', 'c d']],
  ])('%s is refused, and the configuration stays', async (_what, values) => {
    const { vendor, value } = await open(await startLaunchDarkly([ldFlag(FLAG, values)]));
    expect(value()).toBeUndefined();
    expect(vendor.status()).toMatchObject({
      status: 'stale',
      reason: expect.stringMatching(/^FEATURE_SIGNUP_V2: /),
    });
  });
});

test('evaluate asks LaunchDarkly for one subject: targets and rollouts are its own', async () => {
  const rollout = {
    kind: 'rollout',
    contextKind: 'user',
    variations: [
      { variation: 0, weight: 25_000 },
      { variation: 1, weight: 75_000 },
    ],
  };
  const server = await startLaunchDarkly([
    ldFlag(FLAG, [true, false], {
      fallthrough: { rollout },
      targets: [{ values: ['ada'], variation: 0 }],
    }),
  ]);
  const { flags } = (await makeApp({ vars: server.vars })).locals;
  const ada = { on: true, reason: 'vendor', source: 'launchdarkly' };
  expect(await flags.evaluate(FLAG, 'ada')).toMatchObject(ada);
  const subjects = Array.from({ length: 400 }, (_, index) => `user-${index}`);
  const answers = await Promise.all(subjects.map((subject) => flags.evaluate(FLAG, subject)));
  const share = answers.filter(({ on }) => on).length / subjects.length;
  expect(share).toBeGreaterThan(0.17);
  expect(share).toBeLessThan(0.33);
});

test('the end sends what was counted to LaunchDarkly, and closes the stream', async () => {
  const server = await startLaunchDarkly([flagOf(1, true)]);
  const app = await makeApp({ vars: server.vars });
  await app.locals.close();
  expect(server.events.map(({ kind }) => kind)).toContain('summary');
  await vi.waitFor(() => expect(server.streams).toBe(0));
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test.skipIf(!hasOpenssl)('a server whose certificate nobody vouches for gets no key', async () => {
  const folder = temporaryFolder();
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
  spawnSync('openssl', ['req', ...kind, ...files]);
  const secure = {
    key: readFileSync(join(folder, 'key.pem')),
    cert: readFileSync(join(folder, 'cert.pem')),
  };
  const server = await startLaunchDarkly([flagOf(1, true)], secure);
  const { vendor, value } = await open(server);
  expect(vendor.status()).toMatchObject({
    status: 'stale',
    reason: expect.stringMatching(/certificate/),
  });
  expect(value()).toBeUndefined();
  expect(server.asked).toBe(0);
});
