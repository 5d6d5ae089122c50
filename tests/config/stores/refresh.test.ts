import request from 'supertest';
import { describe, expect, test, vi } from 'vitest';
import type { App } from '../../../src/app.ts';
import { captureLog } from '../../http/small-app.ts';
import { makeApp } from '../../support/app.ts';
import { production, STORES, type StoreWorld } from './worlds.ts';

const SOON = { timeout: 10_000, interval: 50 };
const QUICK = {
  SSM_TIMEOUT_MS: '1000',
  SECRETS_MANAGER_TIMEOUT_MS: '1000',
  VAULT_TIMEOUT_MS: '1000',
  SECRETS_REFRESH_SECONDS: '1',
};
const ROTATED = 'Pq7Yd2Lw9Tz4Rk6Vn1Bx8Mc3Hs5Gf0Ja-rotated';
const BROKEN = { status: 503, type: 'text/html', body: '<p>canary</p>' };

/** A running production app on this store, and what it logs. */
async function run(store: StoreWorld, vars: Record<string, string> = {}) {
  const all = { ...production(store, { ...QUICK, ...vars }).vars };
  const app = await makeApp({ env: 'production', vars: all });
  const { raw, lines } = captureLog(app.locals.log);
  const told = (part: string) => lines().filter(({ msg }) => String(msg).includes(part));
  const source = () => app.locals.config.sources().find((one) => one.source === store.source);
  return { app, vars: all, config: app.locals.config, raw, told, source };
}

async function statuses(app: App): Promise<number[]> {
  const paths = ['/livez', '/readyz', '/'];
  return Promise.all(paths.map(async (path) => (await request(app).get(path)).status));
}

describe.each(Object.entries(STORES))('%s', (_, open) => {
  test('changes the running app within SECRETS_REFRESH_SECONDS, with a line that names keys', async () => {
    const store = await open();
    const { config, raw, told } = await run(store);
    store.set('SECRET_KEY', ROTATED);
    store.set('APP_NAME', 'Shop');
    await vi.waitFor(() => expect(config.get('SECRET_KEY').reveal()).toBe(ROTATED), SOON);
    expect([config.version, config.get('APP_NAME')]).toEqual([2, 'Shop']);
    expect(told('reloaded')).toMatchObject([
      { by: 'refresh of the stores', version: 2, changed: ['APP_NAME', 'SECRET_KEY'] },
    ]);
    expect(raw.join('')).not.toContain('rotated');
  });

  test('whose values have one bad key among them changes nothing until that is corrected', async () => {
    const store = await open();
    const { config, told } = await run(store);
    store.set('SECRET_KEY', 'canary-too-short');
    store.set('APP_NAME', 'Shop');
    await vi.waitFor(() => expect(told('reload refused').length).toBeGreaterThan(0), SOON);
    expect([config.version, config.get('APP_NAME')]).toEqual([1, 'Strata']);
    const said = JSON.stringify(told('reload refused'));
    expect(said).toMatch(/SECRET_KEY is under 32 bytes/);
    expect(said).not.toContain('canary');
    store.set('SECRET_KEY', ROTATED);
    await vi.waitFor(() => expect(config.get('APP_NAME')).toBe('Shop'), SOON);
    expect(config.version).toBe(2);
  });

  test('that dies after boot hurts nobody, turns stale, and heals', async () => {
    const store = await open();
    const { app, config, raw, told, source } = await run(store);
    store.server.failAlways(BROKEN);
    await vi.waitFor(() => expect(source()?.status).toBe('stale'), SOON);
    expect(await statuses(app)).toEqual([200, 200, 200]);
    expect(config.version).toBe(1);
    expect(source()?.nextTryAt).toBeGreaterThan(0);
    const first = source()?.attempts ?? 0;
    await vi.waitFor(() => expect(source()?.attempts).toBeGreaterThan(first), SOON);
    expect(source()?.ageSeconds).toBeGreaterThan(0);
    store.server.failAlways(undefined);
    store.set('APP_NAME', 'Healed');
    await vi.waitFor(() => expect(config.get('APP_NAME')).toBe('Healed'), SOON);
    expect(source()?.status).toBe('fresh');
    expect(told('its last values stay in use')).toHaveLength(1);
    expect(told('is back')).toMatchObject([{ level: 'info', source: store.source }]);
    expect(raw.join('')).not.toContain('canary');
  });

  test('that is away longer than CONFIG_MAX_STALE_SECONDS turns readiness off until it is back', async () => {
    const store = await open();
    const { app } = await run(store, { CONFIG_MAX_STALE_SECONDS: '1' });
    expect(await statuses(app)).toEqual([200, 200, 200]);
    store.server.failAlways('hang');
    await vi.waitFor(async () => expect(await statuses(app)).toEqual([200, 503, 200]), SOON);
    store.server.failAlways(undefined);
    await vi.waitFor(async () => expect(await statuses(app)).toEqual([200, 200, 200]), SOON);
  });

  test('that is away while a bad setting refuses every reload turns readiness off and on as well', async () => {
    const store = await open();
    const { app, vars, source } = await run(store, { CONFIG_MAX_STALE_SECONDS: '1' });
    vars['PORT'] = 'x';
    store.server.failAlways('hang');
    await vi.waitFor(async () => expect(await statuses(app)).toEqual([200, 503, 200]), SOON);
    expect(source()).toMatchObject({ status: 'stale', keys: 2 });
    store.server.failAlways(undefined);
    await vi.waitFor(async () => expect(await statuses(app)).toEqual([200, 200, 200]), SOON);
  });

  test('whose rotated value a variable hides is told of in the log, once', async () => {
    const store = await open();
    const { config, told } = await run(store, { APP_SECRET_KEY: `${ROTATED}-variable` });
    store.set('SECRET_KEY', ROTATED);
    await vi.waitFor(() => expect(told('still overridden')).toHaveLength(1), SOON);
    expect(told('still overridden')[0]?.['msg']).toMatch(
      /^SECRET_KEY changed in \S+SECRET_KEY, still overridden by env APP_SECRET_KEY$/,
    );
    store.set('APP_NAME', 'Shop');
    await vi.waitFor(() => expect(config.get('APP_NAME')).toBe('Shop'), SOON);
    expect(told('still overridden')).toHaveLength(1);
  });
});
