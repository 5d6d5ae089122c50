import request from 'supertest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { openRedis } from '../../src/database/redis.ts';
import { ADMIN, cookieOf, logIn, openDoor, type Pass, statusFor } from '../ops/door.ts';
import { place, temporaryFolder } from '../support/app.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { type RunningServer, startServer } from '../support/process.ts';
import { lacksRedis, type RedisServer, startRedis } from '../support/redis.ts';

/** What SESSION_STORE promises, whichever it is. */
function behavesAsAgreed(settings: () => Promise<Record<string, string>>, outlives: boolean) {
  test('logging in, using and leaving', async () => {
    const { app } = await openDoor({ vars: await settings() });
    const [one, other] = [await logIn(app), await logIn(app)];
    expect(one.Cookie).not.toBe(other.Cookie);
    expect(await statusFor(app, one)).toBe(200);
    expect((await request(app).post('/ops/logout').set(one)).status).toBe(204);
    expect([await statusFor(app, one), await statusFor(app, other)]).toEqual([401, 200]);
  });

  test('a session that nobody uses ends', async () => {
    const vars = { ...(await settings()), APP_SESSION_TTL_SECONDS: '1' };
    const { app } = await openDoor({ vars });
    const pass = await logIn(app);
    // It cannot be asked whether it has ended: that would be a use.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await statusFor(app, pass)).toBe(401);
  });

  test(`a session ${outlives ? 'outlives' : 'ends with'} the process`, async () => {
    const vars = await settings();
    const placed = place({});
    const { app } = await openDoor({ vars }, placed);
    const pass = await logIn(app);
    await app.locals.close();
    const { app: next } = await openDoor({ vars }, placed);
    expect(await statusFor(next, pass)).toBe(outlives ? 200 : 401);
  });
}

describe('memory', () => behavesAsAgreed(async () => ({ SESSION_STORE: 'memory' }), false));

describe('database, SQLite', () =>
  behavesAsAgreed(
    async () => ({
      SESSION_STORE: 'database',
      DATABASE_URL: `sqlite:///${temporaryFolder()}/app.db`,
    }),
    true,
  ));

describe.skipIf(lacksPostgres)('database, PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());
  const settings = async () => {
    const { url } = await postgres.createDatabase();
    return { SESSION_STORE: 'database', DATABASE_URL: url };
  };
  behavesAsAgreed(settings, true);

  test('that dies costs sessions 503 and nothing else, and comes back by itself', async () => {
    const { app } = await openDoor({ vars: await settings() });
    const pass = await logIn(app);
    await postgres.kill();
    expect(await statusFor(app, pass)).toBe(503);
    expect((await request(app).get('/')).status).toBe(200);
    await postgres.start();
    await vi.waitFor(async () => expect(await statusFor(app, pass)).toBe(200), 10_000);
  });
});

describe.skipIf(lacksRedis)('redis', () => {
  const open = async () => {
    const redis = await startRedis();
    return { redis, vars: { SESSION_STORE: 'redis', REDIS_URL: redis.url } };
  };
  behavesAsAgreed(async () => (await open()).vars, true);

  const guess = async (app: App) =>
    (
      await request(app)
        .post('/ops/login')
        .send({ ...ADMIN, password: 'wrong' })
    ).status;

  /** While it is away nothing fails with 500, and no password can be tried. */
  const expectPatience = async (app: App, pass: Pass) => {
    expect(await statusFor(app, pass)).toBe(503);
    expect(await statusFor(app, {})).toBe(401);
    expect(await guess(app)).toBe(503);
    expect((await request(app).get('/')).status).toBe(200);
    expect((await request(app).get('/livez')).status).toBe(200);
    expect((await request(app).get('/readyz')).status).toBe(503);
  };
  const expectRecovery = async (app: App, redis: RedisServer) => {
    await redis.start();
    const ready = async () => (await request(app).get('/readyz')).status;
    await vi.waitFor(async () => expect(await ready()).toBe(200), 10_000);
    expect(await guess(app)).toBe(401);
    expect(await statusFor(app, await logIn(app))).toBe(200);
  };

  test('keeps no name of a failed login, which may be a password', async () => {
    const { vars } = await open();
    const { app } = await openDoor({ vars });
    await request(app).post('/ops/login').send({ username: 'hunter2!', password: 'x' }).expect(401);
    const redis = await openRedis(app.locals.config);
    onTestFinished(() => redis?.destroy());
    const keys = await redis?.sendCommand(['KEYS', '*']);
    expect(keys).toContainEqual(expect.stringMatching(/^limit:login-user:\d+:\w{8}$/));
    expect(JSON.stringify(keys)).not.toContain('hunter2');
  });

  test('that dies costs what needs it 503, and comes back by itself', async () => {
    const { redis, vars } = await open();
    const { app } = await openDoor({ vars });
    const pass = await logIn(app);
    await redis.kill();
    await expectPatience(app, pass);
    await expectRecovery(app, redis);
  });

  test('that is away at the first visit to /ops is used once it is back', async () => {
    const { redis, vars } = await open();
    const { app } = await openDoor({ vars });
    await redis.kill();
    expect(await statusFor(app, {})).toBe(401);
    expect(await guess(app)).toBe(503);
    await expectRecovery(app, redis);
  });

  test('that hangs holds no request for long', async () => {
    const { redis, vars } = await open();
    const { app } = await openDoor({ vars });
    const pass = await logIn(app);
    redis.pause();
    onTestFinished(() => redis.resume());
    const start = performance.now();
    expect([await statusFor(app, pass), await guess(app)]).toEqual([503, 503]);
    expect(performance.now() - start).toBeLessThan(12_000);
    redis.resume();
    await vi.waitFor(async () => expect(await statusFor(app, pass)).toBe(200), 10_000);
  });

  test('away at the end of the app hinders it not', async () => {
    const { redis, vars } = await open();
    const { app } = await openDoor({ vars });
    await redis.kill();
    await app.locals.close();
  });
});

test('a restart in development logs nobody out', async () => {
  const cwd = temporaryFolder();
  const vars = { INSTANCE_DIR: cwd };
  const start = async () => {
    const server = startServer({ env: 'development', cwd, vars });
    return {
      server,
      url: (await server.url()).replace(/\/$/, ''),
      password: await passwordOf(server),
    };
  };
  const first = await start();
  const response = await request(first.url)
    .post('/ops/login')
    .send({ username: 'admin', password: first.password });
  expect(response.body).toEqual({ role: 'admin', csrfToken: expect.any(String) });
  const Cookie = cookieOf(response);
  first.server.process.kill('SIGTERM');
  expect((await first.server.ended()).code).toBe(0);
  const second = await start();
  expect(second.password).toBe(first.password);
  expect((await request(second.url).get('/ops/config').set({ Cookie })).status).toBe(200);
});

async function passwordOf(server: RunningServer): Promise<string> {
  return vi.waitFor(() => {
    const [, password = ''] = /username admin, password (\S+)/.exec(server.stderr) ?? [];
    expect(password).not.toBe('');
    return password;
  }, 10_000);
}
