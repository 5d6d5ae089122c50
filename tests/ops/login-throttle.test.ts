import request from 'supertest';
import { expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { ADMIN, cookieOf, openDoor, VIEWER } from './door.ts';

const WRONG = { ...ADMIN, password: 'not hers' };
const open = () => openDoor({ vars: { TRUST_PROXY_HOPS: '1', APP_RATE_LIMIT__LOGIN__MAX: '3' } });

interface From {
  readonly address?: string;
  readonly device?: string;
}

async function enter(app: App, who: object, { address = '192.0.2.1', device = '' }: From = {}) {
  const start = performance.now();
  const headers = { 'X-Forwarded-For': address, Cookie: device };
  const response = await request(app).post('/ops/login').set(headers).send(who);
  return { response, status: response.status, ms: performance.now() - start };
}

async function guess(app: App, times: number, from: (time: number) => From = () => ({})) {
  const seen: number[] = [];
  for (let time = 0; time < times; time += 1) {
    seen.push((await enter(app, WRONG, from(time))).status);
  }
  return seen;
}

test('a network that guesses too much is refused, whoever it names, and others are not', async () => {
  const { app } = await open();
  expect(await guess(app, 5)).toEqual([401, 401, 401, 429, 429]);
  expect((await enter(app, VIEWER)).status).toBe(429);
  expect((await enter(app, VIEWER, { address: '192.0.2.2' })).status).toBe(200);
});

test('only failures count', async () => {
  const { app } = await open();
  const seen: number[] = [];
  for (let time = 0; time < 10; time += 1) seen.push((await enter(app, ADMIN)).status);
  expect(seen).toEqual(Array(10).fill(200));
});

test('a browser that has logged in before is let in from a refused network', async () => {
  const { app } = await open();
  const { response } = await enter(app, ADMIN);
  const device = cookieOf(response, 'device');
  await guess(app, 4);
  expect((await enter(app, ADMIN, { device })).status).toBe(200);
  // The mark is one user's, and nobody can make one.
  expect((await enter(app, VIEWER, { device })).status).toBe(429);
  expect((await enter(app, ADMIN, { device: `${device.slice(0, -1)}_` })).status).toBe(429);
});

test('who steals such a browser cannot guess more than others', async () => {
  const { app } = await open();
  const device = cookieOf((await enter(app, ADMIN)).response, 'device');
  const elsewhere = (time: number) => ({ device, address: `198.51.100.${time}` });
  expect(await guess(app, 5, elsewhere)).toEqual([401, 401, 401, 429, 429]);
});

test('a user who is guessed at from everywhere is served slowly, and never locked out', async () => {
  const { app } = await open();
  const { response, ms: usual } = await enter(app, ADMIN, { address: '203.0.113.1' });
  const everywhere = (time: number) => ({ address: `198.51.${time}.1` });
  expect(await guess(app, 4, everywhere)).toEqual([401, 401, 401, 401]);
  const elsewhere = await enter(app, ADMIN, { address: '203.0.113.2' });
  expect(elsewhere.status).toBe(200);
  expect(elsewhere.ms).toBeGreaterThan(990);
  const device = cookieOf(response, 'device');
  const known = await enter(app, ADMIN, { address: '203.0.113.3', device });
  expect(known.status).toBe(200);
  expect(known.ms).toBeLessThan(usual + 900);
  expect((await enter(app, VIEWER, { address: '203.0.113.4' })).ms).toBeLessThan(usual + 900);
});
