import sql from 'sql-template-tag';
import request from 'supertest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ADMIN, cookieOf, logIn, openDoor, setCookies, statusFor } from '../ops/door.ts';
import { place } from '../support/app.ts';

/** Let the app believe that it is later; its timers do not notice. */
function letTimePass(): (seconds: number) => void {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  return (seconds) => void vi.setSystemTime(Date.now() + seconds * 1000);
}

const sessionCookie = (response: request.Response) =>
  setCookies(response).find((cookie) => cookie.startsWith('session='));
const expiryOf = (response: request.Response) =>
  Date.parse(/Expires=([^;]+)/.exec(sessionCookie(response) ?? '')?.[1] ?? '');

test('the cookie is for http alone, for the same site, and lives as long as the session', async () => {
  const later = letTimePass();
  const { app } = await openDoor();
  const response = await request(app).post('/ops/login').send(ADMIN);
  expect(sessionCookie(response)).toMatch(
    /^session=s%3A[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
  );
  expect(Math.abs(expiryOf(response) - Date.now() - 28_800_000)).toBeLessThan(2000);
  later(60);
  const used = await request(app).get('/ops/config').set('Cookie', cookieOf(response));
  expect(expiryOf(used) - expiryOf(response)).toBeGreaterThan(58_000);
});

describe.each(['memory', 'database'])('in %s', (store) => {
  const vars = { SESSION_STORE: store, APP_SESSION_TTL_SECONDS: '100' };

  test('a session ends when nobody used it for SESSION_TTL_SECONDS', async () => {
    const later = letTimePass();
    const { app } = await openDoor({ vars });
    const pass = await logIn(app);
    for (const seconds of [60, 99, 99]) {
      later(seconds);
      expect(await statusFor(app, pass)).toBe(200);
    }
    later(101);
    expect(await statusFor(app, pass)).toBe(401);
  });

  test('a session ends after SESSION_ABSOLUTE_TTL_SECONDS, however much it is used', async () => {
    const later = letTimePass();
    const { app } = await openDoor({ vars: { ...vars, APP_SESSION_ABSOLUTE_TTL_SECONDS: '250' } });
    const pass = await logIn(app);
    const seen: number[] = [];
    for (let used = 0; used < 4; used += 1) {
      later(70);
      seen.push(await statusFor(app, pass));
    }
    expect(seen).toEqual([200, 200, 200, 401]);
    expect(await statusFor(app, await logIn(app))).toBe(200);
  });

  test('a shorter lifetime counts from the next use on, also for sessions of before', async () => {
    const later = letTimePass();
    const { app, reload } = await openDoor({ vars });
    const pass = await logIn(app);
    await reload({ APP_SESSION_TTL_SECONDS: '10' });
    expect(await statusFor(app, pass)).toBe(200);
    later(11);
    expect(await statusFor(app, pass)).toBe(401);
  });
});

test('only a login writes into a session, so that no page brings one back after its logout', async () => {
  const { app } = await openDoor({ vars: { SESSION_STORE: 'database' } });
  const { Cookie, 'X-CSRF-Token': csrfToken } = await logIn(app);
  const stored = () => app.locals.database.query(sql`SELECT id, data FROM sessions`);
  const before = await stored();
  const forms = { '/ops/flags/FEATURE_SIGNUP_V2': { value: 'true' }, '/ops/reload': {} };
  for (const [path, fields] of Object.entries(forms)) {
    const asked = request(app).post(path).set({ Cookie }).type('form');
    const { headers } = await asked.send({ csrfToken, ...fields }).expect(303);
    const page = request(app).get(headers['location'] ?? '');
    const { text } = await page.set({ Cookie, Accept: 'text/html' });
    expect(text).toContain('role="status"');
  }
  expect(await stored()).toEqual(before);
});

test('only routes that need a session ask the store, or set a cookie', async () => {
  const { app } = await openDoor({ vars: { SESSION_STORE: 'database' } });
  const pass = await logIn(app);
  const [script = ''] = /\/assets\/[^"]+/.exec((await request(app).get('/')).text) ?? [];
  const table = sql`ALTER TABLE sessions RENAME TO sessions_elsewhere`;
  await app.locals.database.query(table);
  const paths = ['/', '/livez', '/readyz', script, '/api/greetings', '/signup-v2', '/nowhere'];
  for (const path of paths) {
    const response = await request(app).get(path).set(pass);
    const facts = { cookie: cookieOf(response), failed: response.status >= 500 };
    expect({ path, ...facts }).toEqual({ path, cookie: '', failed: false });
  }
  expect(await statusFor(app, pass)).toBe(503);
});

test('a visitor who never logged in leaves nothing in the store', async () => {
  const { app } = await openDoor({ vars: { SESSION_STORE: 'database' } });
  const invented = { Cookie: `session=s%3Ainvented.${'A'.repeat(43)}` };
  await request(app).get('/ops/login');
  await request(app).get('/ops/config').set(invented);
  await request(app)
    .post('/ops/login')
    .send({ ...ADMIN, password: 'wrong' });
  expect(await app.locals.database.query(sql`SELECT id FROM sessions`)).toEqual([]);
});

test('sessions that ended are swept out every ten minutes', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { app } = await openDoor({
    vars: { SESSION_STORE: 'database', APP_SESSION_TTL_SECONDS: '100' },
  });
  await logIn(app);
  const count = async () => (await app.locals.database.query(sql`SELECT id FROM sessions`)).length;
  expect(await count()).toBe(1);
  vi.advanceTimersByTime(599_000);
  expect(await count()).toBe(1);
  vi.advanceTimersByTime(2000);
  expect(await count()).toBe(0);
});

test('with SESSION_COOKIE_PATH=/ops, who spells it in capitals finds nothing, and no fault', async () => {
  const { app } = await openDoor({ vars: { APP_SESSION_COOKIE_PATH: '/ops' } });
  expect(await statusFor(app, await logIn(app))).toBe(200);
  await request(app).post('/OPS/login').send(ADMIN).expect(404);
});

describe('SECRET_KEY', () => {
  const [first, second] = ['the first key', 'the second key'].map((key) => key.padEnd(32, '-'));
  const only = (key = '') => ({ SECRET_KEY: key, SECRET_KEY_FALLBACKS: '[]' });
  const both = { SECRET_KEY: second ?? '', SECRET_KEY_FALLBACKS: JSON.stringify([first]) };

  test('signs: a cookie of another key, or one that was changed, is worth nothing', async () => {
    const { app, reload } = await openDoor({ vars: only(first) });
    const pass = await logIn(app);
    const changed = pass.Cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    expect(await statusFor(app, { Cookie: changed })).toBe(401);
    expect(await statusFor(app, pass)).toBe(200);
    await reload(only(second));
    expect(await statusFor(app, pass)).toBe(401);
  });

  test('that is rotated logs out nobody active, also after the fallback is dropped', async () => {
    const { app, reload } = await openDoor({ vars: only(first) });
    const pass = await logIn(app);
    await reload(both);
    const used = await request(app).get('/ops/config').set(pass);
    expect(used.status).toBe(200);
    const renewed = { Cookie: cookieOf(used) };
    const idOf = ({ Cookie }: { Cookie: string }) => Cookie.split('.')[0];
    expect(idOf(renewed)).toBe(idOf(pass));
    expect(renewed.Cookie).not.toBe(pass.Cookie);
    await reload(only(second));
    expect(await statusFor(app, renewed)).toBe(200);
    expect(await statusFor(app, pass)).toBe(401);
  });

  test('that is rotated by restarts logs out nobody active either', async () => {
    const placed = place({});
    const kept = { SESSION_STORE: 'database', DATABASE_URL: 'sqlite:kept.db' };
    const startWith = async (keys: object) => {
      const { app } = await openDoor({ vars: { ...kept, ...keys } }, placed);
      return app;
    };
    const before = await startWith(only(first));
    const pass = await logIn(before);
    await before.locals.close();
    const during = await startWith(both);
    const used = await request(during).get('/ops/config').set(pass);
    await during.locals.close();
    const after = await startWith(only(second));
    expect(await statusFor(after, { Cookie: cookieOf(used) })).toBe(200);
  });

  test('reloaded twenty times warns of nothing', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const { app, reload } = await openDoor({ vars: only(first) });
    await logIn(app);
    for (let times = 0; times < 20; times += 1) await reload(only(`${first}${times}`));
    await new Promise((resolve) => setImmediate(resolve));
    expect(warned).not.toHaveBeenCalled();
  });
});
