import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { describe, expect, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { logIn, openDoor } from '../ops/door.ts';
import { makeApp, place } from '../support/app.ts';

const OURS = 'https://app.example.com';
const STRANGERS = [
  'https://evil.example',
  'https://app.example.com.evil.example',
  'http://app.example.com',
  'https://app.example.com:8443',
  'null',
];

async function corsHeaders(app: App, origin: string, method: 'get' | 'options' = 'get') {
  const asked = request(app)[method]('/api/greetings?name=Ada').set('Origin', origin);
  const { headers } = await asked.set('Access-Control-Request-Method', 'POST');
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('access-control-allow-')),
  );
}

test('without CORS_ORIGINS no CORS header is sent, whoever asks', async () => {
  const app = await makeApp();
  for (const origin of [OURS, ...STRANGERS]) {
    expect(await corsHeaders(app, origin)).toEqual({});
    expect(await corsHeaders(app, origin, 'options')).toEqual({});
  }
});

describe('with CORS_ORIGINS', () => {
  const world = { overrides: { CORS_ORIGINS: [OURS, 'http://localhost:5173'] } };

  test.each(world.overrides.CORS_ORIGINS)('%s may call, with cookies', async (origin) => {
    expect(await corsHeaders(await makeApp(world), origin)).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
    });
  });

  test.each(STRANGERS)('%s is allowed nothing', async (origin) => {
    const app = await makeApp(world);
    for (const method of ['get', 'options'] as const) {
      const headers = await corsHeaders(app, origin, method);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  test('a preflight is answered with 204 and what is allowed', async () => {
    const response = await request(await makeApp(world))
      .options('/api/greetings')
      .set({ Origin: OURS, 'Access-Control-Request-Method': 'POST' })
      .set('Access-Control-Request-Headers', 'content-type');
    expect(response.status).toBe(204);
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': OURS,
      'access-control-allow-headers': 'content-type',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-max-age': '600',
      'x-content-type-options': 'nosniff',
    });
  });

  test('an error is readable for an allowed origin, too', async () => {
    const app = await makeApp(world);
    const response = await request(app).get('/nothing-here').set('Origin', OURS);
    expect(response.status).toBe(404);
    expect(response.headers['access-control-allow-origin']).toBe(OURS);
  });

  test.each(['/ops/login', '/ops/config', '/ops/flags', '/ops/audit/export', '/ops/nothing'])(
    '%s is for this origin alone',
    async (path) => {
      const { app } = await openDoor(world);
      const asked = request(app)
        .get(path)
        .set(await logIn(app));
      const { headers } = await asked.set({ Origin: OURS, Accept: 'text/html' });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
      const preflight = { Origin: OURS, 'Access-Control-Request-Method': 'POST' };
      const refused = await request(app).options(path).set(preflight);
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(Object.keys(refused.headers).join()).not.toContain('access-control');
    },
  );

  test('caches keep the answers to different origins apart', async () => {
    const app = await makeApp(world);
    for (const origin of [OURS, STRANGERS[0] ?? '']) {
      const { headers } = await request(app).get('/livez').set('Origin', origin);
      expect(headers['vary']).toContain('Origin');
    }
  });

  test('a reload changes the list live', async () => {
    const instance = { 'config.toml': '[default]\nCORS_ORIGINS = []' };
    const placed = place({ instance });
    const app = await makeApp({ instance }, placed);
    expect(await corsHeaders(app, OURS)).toEqual({});
    const text = `[default]\nCORS_ORIGINS = ["${OURS}"]`;
    writeFileSync(join(placed.instanceDir, 'config.toml'), text);
    await app.locals.config.reload();
    await vi.waitFor(async () =>
      expect(await corsHeaders(app, OURS)).toHaveProperty('access-control-allow-origin', OURS),
    );
  });
});
