import request from 'supertest';
import { describe, expect, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { temporaryFolder } from '../support/app.ts';
import { lacksPostgres, startPostgres } from '../support/postgres.ts';
import { runCli } from '../support/process.ts';
import { ADMIN, logIn, openDoor, type Pass, statusFor, VIEWER } from './door.ts';
import { facts, REFUSE, trailOf } from './trail.ts';

const FLAG = '/ops/flags/FEATURE_SIGNUP_V2';

/** The statuses of everything that changes something, and of what only reads. */
async function askAll(app: App, admin: Pass, viewer: Pass) {
  const changes = {
    'log in': (await request(app).post('/ops/login').send(ADMIN)).status,
    'fail to log in': (
      await request(app)
        .post('/ops/login')
        .send({ ...ADMIN, password: 'x' })
    ).status,
    'log out': (await request(app).post('/ops/logout').set(viewer)).status,
    'set a flag': (await request(app).post(FLAG).set(admin).send({ value: true })).status,
    'unset a flag': (await request(app).delete(FLAG).set(admin)).status,
    reload: (await request(app).post('/ops/reload').set(admin)).status,
    export: (await request(app).get('/ops/audit/export').set(admin)).status,
  };
  const reads = {
    configuration: await statusFor(app, viewer),
    flags: (await request(app).get('/ops/flags').set(viewer)).status,
    'a refusal': (await request(app).post(FLAG).set(viewer).send({ value: true })).status,
    livez: (await request(app).get('/livez')).status,
    home: (await request(app).get('/')).status,
  };
  return { changes, reads };
}

const NOTHING_CHANGES = {
  'log in': 503,
  'fail to log in': 503,
  'log out': 503,
  'set a flag': 503,
  'unset a flag': 503,
  reload: 503,
  export: 503,
};
const READS_GO_ON = { configuration: 200, flags: 200, 'a refusal': 403, livez: 200, home: 200 };

async function openWatched(given: Record<string, string> = {}) {
  const { app, vars } = await openDoor({ vars: { ...given, APP_SESSION_TTL_SECONDS: '100' } });
  const [admin, viewer] = [await logIn(app), await logIn(app, VIEWER)];
  // A variable, since nobody watches those: only the reload that is asked for may see it.
  vars['APP_SESSION_TTL_SECONDS'] = '200';
  const state = () => [
    app.locals.config.get('SESSION_TTL_SECONDS'),
    app.locals.config.version,
    app.locals.flags.isOn('FEATURE_SIGNUP_V2'),
  ];
  return { app, admin, viewer, state };
}

test('without room for an entry nothing changes, and reads and health go on', async () => {
  const { app, admin, viewer, state } = await openWatched();
  const { database } = app.locals;
  const before = state();
  await database.transaction(({ script }) => script(REFUSE));
  expect(await askAll(app, admin, viewer)).toEqual({
    changes: NOTHING_CHANGES,
    reads: READS_GO_ON,
  });
  expect((await request(app).get('/ops/audit').set(viewer)).status).toBe(200);
  expect((await request(app).get('/readyz')).status).toBe(200);
  expect(state()).toEqual(before);

  await database.transaction(({ script }) => script('DROP TRIGGER full'));
  expect((await request(app).post('/ops/reload').set(admin)).status).toBe(200);
  expect(state()).toEqual([200, 2, false]);
  expect((await trailOf(app, viewer)).map(facts)).toEqual([
    ['ada', 'login', 'done'],
    ['vera', 'login', 'done'],
    [
      'ada',
      'config.reload',
      'done',
      { changed: ['SESSION_TTL_SECONDS'], restartRequired: [], fingerprints: {} },
    ],
  ]);
});

test('with a database that only reads, sessions in it included, the same holds', async () => {
  const { app, admin, viewer, state } = await openWatched({ SESSION_STORE: 'database' });
  const before = state();
  await app.locals.database.transaction(({ script }) => script('PRAGMA query_only = ON'));
  expect(await askAll(app, admin, viewer)).toEqual({
    changes: NOTHING_CHANGES,
    reads: READS_GO_ON,
  });
  expect(state()).toEqual(before);
});

test('on a full disk the same holds, until there is room again', async () => {
  const DATABASE_URL = `sqlite:${temporaryFolder()}/full.db`;
  const stores = { DATABASE_URL, SESSION_STORE: 'database', FLAGS_STORE: 'database' };
  const { app, admin, viewer, state } = await openWatched(stores);
  const { database } = app.locals;
  const before = state();
  const pages = (most: number) =>
    database.transaction(({ script }) => script(`PRAGMA max_page_count = ${most}`));
  // As many as there are; then the last entries that still fit into them.
  await pages(1);
  const exported = () => request(app).get('/ops/audit/export').set(admin);
  const fill = async (ask: () => request.Test) => {
    for (let tries = 0; tries < 200; tries += 1) if ((await ask()).status === 503) return;
    throw new Error('the disk is never full');
  };
  await fill(exported);
  await fill(() => request(app).post('/ops/login').send(ADMIN));
  const last = (await trailOf(app, viewer)).at(-1)?.sequence;
  expect(await askAll(app, admin, viewer)).toEqual({
    changes: NOTHING_CHANGES,
    reads: READS_GO_ON,
  });
  expect((await request(app).get('/readyz')).status).toBe(200);
  expect(state()).toEqual(before);
  expect((await trailOf(app, viewer)).at(-1)?.sequence).toBe(last);

  await pages(10_000);
  await request(app).post(FLAG).set(admin).send({ value: true }).expect(200);
  expect(app.locals.flags.isOn('FEATURE_SIGNUP_V2')).toBe(true);
});

test('a shell that cannot record its change does not make it', async () => {
  const DATABASE_URL = `sqlite:${temporaryFolder()}/shell.db`;
  const { app } = await openWatched({ DATABASE_URL, FLAGS_STORE: 'database' });
  await app.locals.database.transaction(({ script }) => script(REFUSE));
  const world = { env: 'development', vars: { DATABASE_URL } };
  const set = await runCli(['flags', 'set', 'FEATURE_SIGNUP_V2', 'true'], world);
  expect(set).toMatchObject({ stdout: '', stderr: expect.stringContaining('was not changed') });
  expect(set.code).toBe(2);
  expect((await runCli(['flags'], world)).stdout).toContain('FEATURE_SIGNUP_V2=false');
});

test('the answer tells nothing of the reason, and the log does', async () => {
  const { app, admin } = await openWatched();
  const error = vi.spyOn(app.locals.log, 'error');
  await app.locals.database.transaction(({ script }) => script(REFUSE));
  const { body } = await request(app).post(FLAG).set(admin).send({ value: true });
  expect(body).toEqual({
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    requestId: expect.any(String),
  });
  expect(error).toHaveBeenCalledWith(
    { action: 'flag.set', err: expect.objectContaining({ message: 'database or disk is full' }) },
    'the audit trail cannot be written',
  );
});

test('a change that fails is recorded a second time, as failed', async () => {
  const { app, admin, viewer } = await openWatched({ FLAGS_STORE: 'database' });
  await app.locals.database.transaction(({ script }) => script('DROP TABLE flag_overrides'));
  await request(app).post(FLAG).set(admin).send({ value: true, reason: 'a try' }).expect(503);
  const detail = { before: false, after: true, reason: 'a try' };
  expect((await trailOf(app, viewer, '&action=flag.set')).map(facts)).toEqual([
    ['ada', 'flag.set', 'done', 'FEATURE_SIGNUP_V2', detail],
    ['ada', 'flag.set', 'failed', 'FEATURE_SIGNUP_V2', detail],
  ]);
});

describe.skipIf(lacksPostgres)('with PostgreSQL', () => {
  test('while the database is down nothing changes, and reads and health go on', async () => {
    const postgres = await startPostgres();
    try {
      const { app, admin, viewer, state } = await openWatched({ DATABASE_URL: postgres.url() });
      const { config } = app.locals;
      const before = state();
      await postgres.kill();
      expect(await askAll(app, admin, viewer)).toEqual({
        changes: NOTHING_CHANGES,
        reads: READS_GO_ON,
      });
      await expect(config.reload({ by: 'refresh of the stores' })).rejects.toThrow('not recorded');
      expect(state()).toEqual(before);
      await postgres.start();
      await request(app).post(FLAG).set(admin).send({ value: true }).expect(200);
      await config.reload({ by: 'refresh of the stores' });
      expect(config.version).toBe(2);
    } finally {
      await postgres.remove();
    }
  });
});
