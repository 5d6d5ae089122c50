import { describe, expect, test } from 'vitest';
import { makeApp } from '../support/app.ts';
import { rawAnswer, serve } from '../support/raw.ts';
import { OPERATORS, openDoor, statusFor } from './door.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
const PATHS = ['/ops', '/ops/', '/ops/login', '/ops/config', '/ops/flags/FEATURE_SIGNUP_V2'];

/** What an outsider gets of /ops, byte for byte, beside what any unknown route answers. */
async function expectUnknown(port: number, headers: Record<string, string> = {}) {
  for (const method of METHODS) {
    const unknown = await rawAnswer(port, { method, path: '/nothing-here', headers });
    expect(unknown).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    for (const path of PATHS) {
      expect(await rawAnswer(port, { method, path, headers })).toBe(unknown);
    }
  }
}

test.each(['testing', 'production'])('without operators, %s has no /ops', async (env) => {
  const key = { SECRET_KEY: 'k'.repeat(32), DATABASE_URL: 'sqlite::memory:' };
  const app = await makeApp({ env, vars: { ...key, LOG_LEVEL: 'silent' } });
  await expectUnknown(await serve(app));
});

test('when the last operator goes, /ops goes with them', async () => {
  const { app, reload } = await openDoor();
  expect(await statusFor(app, {})).toBe(401);
  await reload({ OPS_USERS: '[]' });
  await expectUnknown(await serve(app));
  await reload({ OPS_USERS: JSON.stringify(OPERATORS) });
  expect(await statusFor(app, {})).toBe(401);
});

describe('OPS_NETWORKS', () => {
  const NETWORKS = '["10.1.0.0/16", "192.0.2.7/32", "2001:db8:5::/48"]';
  const asked = async (address: string, networks = NETWORKS) => {
    const vars = { APP_OPS_NETWORKS: networks, TRUST_PROXY_HOPS: '1' };
    const { app } = await openDoor({ vars });
    return statusFor(app, { 'X-Forwarded-For': address } as object);
  };

  test.each([
    ['10.1.2.3', 401],
    ['10.2.0.1', 404],
    ['192.0.2.7', 401],
    ['192.0.2.8', 404],
    ['::ffff:10.1.2.3', 401],
    ['::ffff:10.2.0.1', 404],
    ['2001:db8:5:ffff::1', 401],
    ['2001:DB8:5::1', 401],
    ['2001:db8:6::1', 404],
    ['10.2.0.1, 10.1.2.3', 401],
    ['10.1.2.3, 10.2.0.1', 404],
    ['garbage', 404],
    ['10.1.2.3:80', 404],
    ['fe80::1%eth0', 404],
  ])('%s is answered with %i', async (address, status) => {
    expect(await asked(address)).toBe(status);
  });

  test('empty means any', async () => {
    expect(await asked('203.0.113.9', '[]')).toBe(401);
  });

  test('outside of it nothing tells that there is a door', async () => {
    const { app } = await openDoor({ vars: { APP_OPS_NETWORKS: '["192.0.2.0/24"]' } });
    await expectUnknown(await serve(app), { 'X-Forwarded-For': '192.0.2.1' });
  });

  test('outside of it CORS_ORIGINS finds of the door what it finds of any route', async () => {
    const origin = 'https://app.example.com';
    const vars = { APP_OPS_NETWORKS: '["192.0.2.0/24"]', APP_CORS_ORIGINS: `["${origin}"]` };
    const port = await serve((await openDoor({ vars })).app);
    const preflight = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
    for (const [method, headers] of [
      ['GET', { Origin: origin }],
      ['OPTIONS', preflight],
    ] as const) {
      const unknown = await rawAnswer(port, { method, path: '/nothing-here', headers });
      expect(unknown).toContain(`Access-Control-Allow-Origin: ${origin}`);
      expect(await rawAnswer(port, { method, path: '/ops/config', headers })).toBe(unknown);
    }
  });
});
