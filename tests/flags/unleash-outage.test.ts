import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import type { FlagStore } from '../../src/flags/store.ts';
import { canary, leaksIn } from '../config/canary.ts';
import { makeApp } from '../support/app.ts';
import { startUnleashServer, toggle, type UnleashServer } from '../support/unleash.ts';

const FLAG = 'FEATURE_SIGNUP_V2';
const FEATURES = '/api/client/features';
// A request is tried three times, with pauses, before it counts as failed.
const NOTICED = { timeout: 15_000, interval: 50 };

const statusOf = (flags: FlagStore) => flags.sources().find(({ source }) => source === 'unleash');

async function openOnto(server: UnleashServer, vars: Record<string, string> = {}) {
  const all: Record<string, string> = { ...server.vars, ...vars };
  const app = await makeApp({ vars: all });
  return { vars: all, flags: app.locals.flags, config: app.locals.config };
}

describe('an outage flips nothing, shows, and ends by itself:', () => {
  test.each<[string, (server: UnleashServer) => unknown, (server: UnleashServer) => unknown]>([
    ['no server', (server) => server.stop(), (server) => server.start()],
    [
      'a server that fails',
      (server) => (server.failWith = 503),
      (server) => (server.failWith = undefined),
    ],
    [
      'a token that is refused',
      (server) => (server.failWith = 401),
      (server) => (server.failWith = undefined),
    ],
    [
      'an answer that is no JSON',
      (server) => (server.garbles = true),
      (server) => (server.garbles = false),
    ],
  ])(
    '%s',
    async (_what, begin, end) => {
      const server = await startUnleashServer(toggle(FLAG, true));
      const { flags } = await openOnto(server);
      expect(statusOf(flags)).toEqual({ source: 'unleash', status: 'fresh', ageSeconds: 0 });
      const heard: string[] = [];
      flags.onChange((name) => heard.push(name));
      server.setFeatures(toggle(FLAG, false));
      await begin(server);
      await vi.waitFor(() => expect(statusOf(flags)?.status).toBe('stale'), NOTICED);
      expect(statusOf(flags)?.reason).toMatch(/./);
      expect(flags.isOn(FLAG)).toBe(true);
      expect(heard).toEqual([]);
      await end(server);
      await vi.waitFor(() => expect(flags.isOn(FLAG)).toBe(false), NOTICED);
      expect(statusOf(flags)).toMatchObject({ status: 'fresh' });
    },
    45_000,
  );
});

test('a start waits two seconds for a server that says nothing, and finds it later', async () => {
  const server = await startUnleashServer(toggle(FLAG, true));
  server.isHung = true;
  const start = performance.now();
  const { flags } = await openOnto(server);
  expect(performance.now() - start).toBeLessThan(3_500);
  expect(statusOf(flags)).toMatchObject({ status: 'stale', reason: 'has not answered yet' });
  expect(flags.isOn(FLAG)).toBe(false);
  server.isHung = false;
  await vi.waitFor(() => expect(flags.isOn(FLAG)).toBe(true), NOTICED);
}, 45_000);

test('a new token comes into use with a reload, also after the old one was refused', async () => {
  const server = await startUnleashServer(toggle(FLAG, true));
  server.token = 'default:development.second-token-of-tests';
  const { vars, flags, config } = await openOnto(server, {
    UNLEASH_TOKEN: 'default:development.first',
  });
  await vi.waitFor(() => expect(statusOf(flags)?.reason).toContain('401'), NOTICED);
  vars['UNLEASH_TOKEN'] = server.token;
  await config.reload();
  await vi.waitFor(() => expect(flags.isOn(FLAG)).toBe(true), NOTICED);
}, 45_000);

test('a server that is left with the next restart never gets the token of its successor', async () => {
  const server = await startUnleashServer(toggle(FLAG, true));
  const { vars, config } = await openOnto(server);
  const next = 'default:development.token-of-another-server';
  Object.assign(vars, { UNLEASH_URL: 'http://127.0.0.1:1/api', UNLEASH_TOKEN: next });
  expect(await config.reload()).toMatchObject({
    version: 1,
    restartRequired: ['UNLEASH_URL', 'UNLEASH_TOKEN'],
  });
  expect((await server.hears(FEATURES, 304)).headers.authorization).toBe(server.token);
}, 45_000);

test('the token is in no status, in no file of the temp folder, and asked for on every request', async () => {
  const before = new Set(readdirSync(tmpdir()));
  const server = await startUnleashServer(toggle(FLAG, true));
  server.token = canary();
  const { flags } = await openOnto(server, { UNLEASH_TOKEN: server.token });
  expect((await server.hears(FEATURES, 304)).headers.authorization).toBe(server.token);
  server.failWith = 401;
  await vi.waitFor(() => expect(statusOf(flags)?.status).toBe('stale'), NOTICED);
  expect(leaksIn(JSON.stringify([flags.sources(), flags.list()]))).toEqual([]);
  const left = readdirSync(tmpdir()).filter((name) => !before.has(name));
  expect(left.filter((name) => name.includes('unleash'))).toEqual([]);
}, 45_000);
