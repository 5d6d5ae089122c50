import request from 'supertest';
import { describe, expect, test } from 'vitest';
import {
  ADMIN,
  cookieOf,
  logIn,
  OPERATORS,
  openDoor,
  operator,
  statusFor,
  VIEWER,
} from '../ops/door.ts';
import { captureLog } from './small-app.ts';

describe('a reload reaches, without a restart,', () => {
  test('the log level, also where it follows DEBUG', async () => {
    const { app, reload } = await openDoor({ env: 'development', vars: { LOG_LEVEL: 'silent' } });
    const { log } = app.locals;
    const { lines } = captureLog(log);
    log.error({}, 'not written');
    await reload({ LOG_LEVEL: 'warn' });
    log.info({}, 'not written');
    log.warn({}, 'written');
    expect(lines().map(({ msg }) => msg)).toEqual(['written']);
    await reload({ LOG_LEVEL: '', APP_DEBUG: 'true' });
    expect(log.level).toBe('debug');
    await reload({ APP_DEBUG: 'false' });
    expect(log.level).toBe('info');
  });

  test('the limits of requests and logins', async () => {
    const { app, reload } = await openDoor();
    const ask = () => statusFor(app, {});
    expect([await ask(), await ask()]).toEqual([401, 401]);
    await reload({ APP_RATE_LIMIT__MAX: '3' });
    expect([await ask(), await ask()]).toEqual([401, 429]);
    await reload({ APP_RATE_LIMIT__MAX: '300', APP_RATE_LIMIT__LOGIN__MAX: '1' });
    const guess = async () =>
      (
        await request(app)
          .post('/ops/login')
          .send({ ...ADMIN, password: 'wrong' })
      ).status;
    expect([await guess(), await guess()]).toEqual([401, 429]);
  });

  test('flags and the routes behind them', async () => {
    const { app, reload } = await openDoor();
    const status = async () => (await request(app).get('/signup-v2')).status;
    expect(await status()).toBe(404);
    await reload({ FEATURE_SIGNUP_V2: 'true' });
    expect(await status()).toBe(200);
    await reload({ FEATURE_SIGNUP_V2: 'false' });
    expect(await status()).toBe(404);
  });

  test('the operators: one who is gone, has another password or another role', async () => {
    const { app, reload } = await openDoor();
    const [admin, viewer] = [await logIn(app, ADMIN), await logIn(app, VIEWER)];
    const asAdmin = () => request(app).post('/ops/reload').set(admin);
    expect((await asAdmin()).status).toBe(200);
    await reload({
      OPS_USERS: JSON.stringify([OPERATORS[0], { ...OPERATORS[1], role: 'viewer' }]),
    });
    expect([await statusFor(app, admin), (await asAdmin()).status]).toEqual([200, 403]);
    const changed = operator({ ...VIEWER, password: 'another one' }, 'viewer');
    await reload({ OPS_USERS: JSON.stringify([changed]) });
    expect([await statusFor(app, admin), await statusFor(app, viewer)]).toEqual([401, 401]);
    await logIn(app, { ...VIEWER, password: 'another one' });
  });

  test('the networks that see the door', async () => {
    const { app, reload } = await openDoor();
    const admin = await logIn(app);
    await reload({ APP_OPS_NETWORKS: '["192.0.2.0/24"]' });
    expect(await statusFor(app, admin)).toBe(404);
    await reload({ APP_OPS_NETWORKS: '["127.0.0.0/8","::1/128"]' });
    expect(await statusFor(app, admin)).toBe(200);
  });
});

describe('a rotated SECRET_KEY', () => {
  const vars = { SECRET_KEY: 'first-key' };

  test('keeps everybody logged in while the old one is a fallback, and signs anew', async () => {
    const { app, reload } = await openDoor({ vars });
    const old = await logIn(app);
    await reload({ SECRET_KEY: 'second-key', SECRET_KEY_FALLBACKS: '["first-key"]' });
    const answer = await request(app).get('/ops/config').set(old);
    const renewed = { Cookie: cookieOf(answer) };
    expect(answer.status).toBe(200);
    expect(renewed.Cookie).not.toBe(old.Cookie);
    await reload({ SECRET_KEY_FALLBACKS: '' });
    expect(await statusFor(app, renewed)).toBe(200);
    expect(await statusFor(app, old)).toBe(401);
  });

  test('without a fallback ends every session at once', async () => {
    const { app, reload } = await openDoor({ vars });
    const old = await logIn(app);
    await reload({ SECRET_KEY: 'second-key' });
    expect(await statusFor(app, old)).toBe(401);
    expect(await statusFor(app, await logIn(app))).toBe(200);
  });
});
