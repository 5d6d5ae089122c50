import express from 'express';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { csrfToken } from '../../src/http/csrf.ts';
import { makeConfig } from '../config/make-config.ts';
import { ADMIN, cookieOf, logIn, openDoor } from '../ops/door.ts';

const FLAG = '/ops/flags/FEATURE_SIGNUP_V2';

describe('where a change is asked from', () => {
  test.each([
    ['no browser', {}, 200],
    ['the same origin', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['the address bar', { 'Sec-Fetch-Site': 'none' }, 200],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['another host of the site', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['something unheard of', { 'Sec-Fetch-Site': 'invented' }, 403],
    ['our origin, by an older browser', { Origin: 'http://app.test' }, 200],
    ['another origin, by an older browser', { Origin: 'http://evil.test' }, 403],
    ['another port, by an older browser', { Origin: 'http://app.test:8080' }, 403],
    ['a hidden origin, by an older browser', { Origin: 'null' }, 403],
    ['an origin that is none', { Origin: 'app.test' }, 403],
    [
      'another site that sends our origin',
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://app.test' },
      403,
    ],
  ])('%s, %o: %i', async (_name, headers, status) => {
    const { app } = await openDoor();
    const pass = await logIn(app);
    const asked = { Host: 'app.test', ...headers };
    const change = request(app).post(FLAG).set(pass).set(asked).send({ value: true });
    expect((await change).status).toBe(status);
    expect(app.locals.flags.isOn('FEATURE_SIGNUP_V2')).toBe(status === 200);
    expect((await request(app).get('/ops/config').set(pass).set(asked)).status).toBe(200);
    const login = await request(app).post('/ops/login').set(asked).send(ADMIN);
    expect({ status: login.status, cookie: cookieOf(login) !== '' }).toEqual({
      status,
      cookie: status === 200,
    });
  });
});

test('where somebody forgot the sessions that hold the token, no change gets through', async () => {
  const config = await makeConfig({ vars: { APP_CSRF_ENABLED: 'true' } });
  const app = express().use(csrfToken(config), (_req, res) => void res.send('changed'));
  expect((await request(app).post('/').send({})).status).toBe(403);
});

describe('the token of a change', () => {
  const withToken = async (header: string | undefined) => {
    const { app } = await openDoor();
    const { Cookie, 'X-CSRF-Token': own } = await logIn(app);
    const { 'X-CSRF-Token': other } = await logIn(app);
    const token = header?.replace('<own>', own).replace('<other>', other);
    const set = { Cookie, ...(token === undefined ? {} : { 'X-CSRF-Token': token }) };
    return (await request(app).post(FLAG).set(set).send({ value: true })).status;
  };
  test.each([
    ['of the session', '<own>', 200],
    ['that is missing', undefined, 403],
    ['that is empty', '', 403],
    ['of another session', '<other>', 403],
    ['that is longer', '<own>x', 403],
    ['that was invented', 'A'.repeat(32), 403],
  ])('%s, %j: %i', async (_name, header, status) => {
    expect(await withToken(header)).toBe(status);
  });

  test('may come as a field of a form, and must be right there too', async () => {
    const { app } = await openDoor();
    const { Cookie, ...token } = await logIn(app);
    const send = async (csrfToken: string) => {
      const form = request(app).post('/ops/reload').set({ Cookie }).type('form');
      return (await form.send({ csrfToken })).status;
    };
    expect([await send('wrong'), await send(token['X-CSRF-Token'])]).toEqual([403, 303]);
  });

  test('is asked for at logout too, where there is somebody to log out', async () => {
    const { app } = await openDoor();
    const { Cookie } = await logIn(app);
    expect((await request(app).post('/ops/logout').set({ Cookie })).status).toBe(403);
    expect((await request(app).get('/ops/config').set({ Cookie })).status).toBe(200);
    expect((await request(app).post('/ops/logout')).status).toBe(204);
  });
});

test('GET changes nothing, whatever it carries', async () => {
  const { app } = await openDoor();
  const pass = await logIn(app);
  for (const path of ['/ops/logout', FLAG, `${FLAG}?value=true&_method=POST`]) {
    const override = { 'X-HTTP-Method-Override': 'POST' };
    expect((await request(app).get(path).set(pass).set(override)).status).toBe(405);
  }
  expect(app.locals.flags.isOn('FEATURE_SIGNUP_V2')).toBe(false);
  expect((await request(app).get('/ops/config').set(pass)).status).toBe(200);
});
