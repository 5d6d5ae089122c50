import request from 'supertest';
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { hashPassword } from '../../src/config/password.ts';
import { PRODUCTION_VARS } from '../support/app.ts';
import { ADMIN, cookieOf, logIn, openDoor, statusFor, VIEWER } from './door.ts';

const enter = (app: App, body: object, headers: Record<string, string> = {}) =>
  request(app).post('/ops/login').set(headers).send(body);
const WRONG = { ...ADMIN, password: 'not hers' };
const UNKNOWN = { ...ADMIN, username: 'nobody' };

describe('a login that fails', () => {
  test('says the same of an unknown user and of a wrong password', async () => {
    const { app } = await openDoor();
    const answers = [await enter(app, WRONG), await enter(app, UNKNOWN)];
    for (const { status, body, headers } of answers) {
      expect({ status, body }).toEqual({
        status: 401,
        body: {
          type: 'about:blank',
          title: 'Unauthorized',
          status: 401,
          detail: 'The username or the password is wrong.',
          requestId: headers['x-request-id'],
        },
      });
    }
    const [one = {}, other = {}] = answers.map(({ headers }) => Object.keys(headers).sort());
    expect(one).toEqual(other);
  });

  test('says the same in the form, which keeps neither name nor password', async () => {
    const { app } = await openDoor();
    const pages = await Promise.all(
      [WRONG, UNKNOWN].map((who) => request(app).post('/ops/login').type('form').send(who)),
    );
    expect(pages.map(({ status }) => status)).toEqual([401, 401]);
    expect(pages[0]?.text).toContain('The username or the password is wrong.');
    expect(pages[0]?.text).toBe(pages[1]?.text);
    expect(pages[0]?.text).not.toMatch(/not hers|nobody|ada/);
  });

  test('takes as long for an unknown user as for a wrong password', async () => {
    const passwordHash = await hashPassword(ADMIN.password);
    const users = [{ username: ADMIN.username, role: 'admin', passwordHash }];
    const vars = { OPS_USERS: JSON.stringify(users), APP_RATE_LIMIT__LOGIN__MAX: '1000' };
    const { app } = await openDoor({ vars });
    const times = { wrong: [] as number[], unknown: [] as number[] };
    const time = async (list: number[], who: object) => {
      const start = performance.now();
      await enter(app, who);
      list.push(performance.now() - start);
    };
    await time([], WRONG);
    for (let round = 0; round < 21; round += 1) {
      await time(times.wrong, WRONG);
      await time(times.unknown, { ...UNKNOWN, username: `nobody-${round}` });
    }
    const ratio = median(times.unknown) / median(times.wrong);
    // Without the hash it would be under a tenth.
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  });

  test.each([
    [{ username: 'ada' }, 422],
    [{ username: 'ada', password: '' }, 422],
    [{ username: 'ada', password: 'x'.repeat(2000) }, 422],
    [{ username: { $ne: '' }, password: { $ne: '' } }, 422],
    [{ ...ADMIN, admin: true }, 422],
    [['ada', 'ada knows this'], 422],
  ])('with the body %j is %i and names no value', async (body, status) => {
    const { app } = await openDoor();
    const response = await enter(app, body);
    expect(response.status).toBe(status);
    expect(response.text).not.toMatch(/ada knows this|xxx|\$ne/);
  });

  test.each(['constructor', '__proto__', 'toString', 'ADA', ' ada', 'ada\u0000'])(
    'of %j is no other user',
    async (username) => {
      const { app } = await openDoor();
      expect((await enter(app, { ...ADMIN, username })).status).toBe(401);
    },
  );
});

describe('a login', () => {
  test('answers role and token to a script, and takes a browser where it wanted to go', async () => {
    const { app } = await openDoor();
    const json = await enter(app, VIEWER);
    expect(json.body).toEqual({ role: 'viewer', csrfToken: expect.stringMatching(/^[\w-]{32}$/) });
    const form = request(app).post('/ops/login').type('form');
    const sent = await form.send({ ...VIEWER, next: '/ops/audit?actor=a+b%20c' });
    expect([sent.status, sent.headers['location']]).toEqual([303, '/ops/audit?actor=a+b%20c']);
  });

  test.each([
    'https://evil.test/',
    '//evil.test',
    '/\\evil.test',
    '/',
    '/opsx',
    'javascript:alert(1)',
    `/ops/config?q=${'x'.repeat(2000)}`,
    '/ops/config\r\nX: y',
    '/ops@evil.test',
  ])('leads to /ops instead of %j', async (next) => {
    const { app } = await openDoor();
    const form = await request(app)
      .post('/ops/login')
      .type('form')
      .send({ ...VIEWER, next });
    expect([form.status, form.headers['location']]).toEqual([303, '/ops']);
  });

  test('is asked for also where the address is too long to come back to', async () => {
    const { app } = await openDoor();
    const visit = (path: string) => request(app).get(path).set('Accept', 'text/html');
    const short = await visit('/ops/audit?actor=x%20y');
    expect(short.headers['location']).toBe('/ops/login?next=%2Fops%2Faudit%3Factor%3Dx%2520y');
    const long = await visit(`/ops/config?q=${'x%20'.repeat(3000)}`);
    expect([long.status, long.headers['location']]).toEqual([303, '/ops/login?next=%2Fops']);
  });

  test('gets a new session id, whatever id came with it, and ends the session before', async () => {
    const { app } = await openDoor();
    const first = await logIn(app);
    const again = await enter(app, ADMIN, { Cookie: first.Cookie });
    expect(cookieOf(again)).not.toBe(first.Cookie);
    expect(await statusFor(app, { Cookie: cookieOf(again) })).toBe(200);
    expect(await statusFor(app, first)).toBe(401);
    const planted = await enter(app, ADMIN, { Cookie: 'session=planted-by-somebody' });
    expect(cookieOf(planted)).not.toContain('planted');
  });

  test('is over at logout: the cookie is worth nothing any more', async () => {
    const { app } = await openDoor();
    const pass = await logIn(app);
    const left = await request(app).post('/ops/logout').set(pass);
    const cookies = [cookieOf(left), cookieOf(left, 'device')];
    expect([left.status, cookies]).toEqual([204, ['session=', 'device=']]);
    expect(await statusFor(app, pass)).toBe(401);
  });

  test('takes a password as any keyboard sends it', async () => {
    const passwordHash = await hashPassword('Zo\u00eb \ufb01ne');
    const users = [{ username: 'zoe', role: 'viewer', passwordHash }];
    const { app } = await openDoor({ vars: { OPS_USERS: JSON.stringify(users) } });
    const body = { username: 'zoe', password: 'Zoe\u0308 fine' };
    expect((await enter(app, body)).status).toBe(200);
  });

  test.each([
    ['plain http', {}, 400],
    ['a proxy that speaks https', { 'X-Forwarded-Proto': 'https' }, 200],
  ])('in production over %s is %i', async (_name, headers, status) => {
    const vars = { ...PRODUCTION_VARS, TRUST_PROXY_HOPS: '1', LOG_LEVEL: 'silent' };
    const { app } = await openDoor({ env: 'production', vars });
    const response = await enter(app, ADMIN, headers);
    expect(response.status).toBe(status);
    expect(cookieOf(response)).toMatch(status === 200 ? /^__Host-session=s/ : /^$/);
    if (status === 400) expect(response.body.detail).toContain('set TRUST_PROXY_HOPS');
  });
});

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}
