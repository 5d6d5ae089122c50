import sql, { raw } from 'sql-template-tag';
import request from 'supertest';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { place } from '../support/app.ts';
import { lacksPostgres, startPostgres } from '../support/postgres.ts';
import { lacksRedis, startRedis } from '../support/redis.ts';
import { ADMIN, logIn, openDoor, type Pass, VIEWER } from './door.ts';
import { facts, trailOf } from './trail.ts';

const PAGES = ['', '/login', '/config', '/config/PORT', '/reload', '/flags', '/audit'];
const NEEDS_NO_STORE = ['/', '/livez', '/api/greetings?name=Ada'];
const TYPES = { 'text/html': 'text/html', 'application/json': 'application/problem+json' };

/** Ask every page for its first time, and tell what each one answers; none may answer 500. */
async function visit(app: App, pass: Partial<Pass> = {}) {
  const seen: Record<string, number> = {};
  for (const page of PAGES) {
    for (const [Accept, problemType] of Object.entries(TYPES)) {
      const asked = request(app).get(`/ops${page}`);
      const { status, type, headers } = await asked.set({ ...pass, Accept });
      seen[`${page} ${Accept}`] = status;
      if (status !== 503) continue;
      expect({ type, retryAfter: headers['retry-after'] }).toEqual({
        type: problemType,
        retryAfter: '5',
      });
    }
  }
  for (const path of NEEDS_NO_STORE) {
    expect({ path, status: (await request(app).get(path)).status }).toEqual({ path, status: 200 });
  }
  return seen;
}

function every(status: number, except: Record<string, number> = {}) {
  const entries = PAGES.flatMap((page) =>
    Object.keys(TYPES).map((type) => [`${page} ${type}`, except[page] ?? status]),
  );
  return Object.fromEntries(entries);
}

/** A session of an app of before, and a new app that nobody has visited. */
async function openUnvisited(vars: Record<string, string>) {
  const placed = place({});
  const { app: earlier } = await openDoor({ vars }, placed);
  const pass = await logIn(earlier);
  await earlier.locals.close();
  return { pass, ...(await openDoor({ vars }, placed)) };
}

/** Strangers find the login, and only that; what needs the session or a counter is 503. */
async function expectClosedDoor(app: App, pass: Pass) {
  const strangers = await visit(app);
  expect(strangers).toMatchObject({ ' application/json': 401, '/login text/html': 200 });
  expect(Object.values(strangers).filter((status) => status >= 500)).toEqual([]);
  expect(await visit(app, pass)).toEqual(every(503));
  const entering = await request(app).post('/ops/login').send(ADMIN);
  expect([entering.status, entering.headers['retry-after']]).toEqual([503, '5']);
}

test.skipIf(lacksRedis)(
  'Redis that stopped before the first visit costs 503, never 500',
  async () => {
    const redis = await startRedis();
    const { app, pass } = await openUnvisited({ SESSION_STORE: 'redis', REDIS_URL: redis.url });
    await redis.kill();
    await expectClosedDoor(app, pass);
    expect((await request(app).get('/readyz')).status).toBe(503);
  },
);

describe.skipIf(lacksPostgres)('a database that stopped before the first visit', () => {
  const open = async (vars: Record<string, string>) => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.remove());
    const opened = await openUnvisited({ ...vars, DATABASE_URL: postgres.url() });
    await postgres.kill();
    return opened;
  };

  test('with sessions in it costs 503, never 500', async () => {
    const { app, pass } = await open({ SESSION_STORE: 'database' });
    await expectClosedDoor(app, pass);
  });

  test.skipIf(lacksRedis)('with sessions elsewhere costs the audit trail alone', async () => {
    const redis = await startRedis();
    const vars = { SESSION_STORE: 'redis', REDIS_URL: redis.url };
    const { app, pass } = await open(vars);
    expect(await visit(app, pass)).toEqual(every(200, { '/audit': 503 }));
  });
});

test('a login or logout that the session store does not take is told as failed', async () => {
  const { app } = await openDoor({ vars: { APP_SESSION_STORE: 'database' } });
  const [ada, vera] = [await logIn(app), await logIn(app, VIEWER)];
  const { database } = app.locals;
  for (const change of ['INSERT', 'DELETE']) {
    const body = `BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`;
    await database.query(
      sql`${raw(`CREATE TRIGGER no_${change} BEFORE ${change} ON sessions ${body}`)}`,
    );
  }
  await request(app).post('/ops/login').send(ADMIN).expect(503);
  await request(app).post('/ops/logout').set(ada).expect(503);
  expect((await trailOf(app, vera)).slice(2).map(facts)).toEqual([
    ['ada', 'login', 'done'],
    ['ada', 'login', 'failed'],
    ['ada', 'logout', 'done'],
    ['ada', 'logout', 'failed'],
  ]);
});
