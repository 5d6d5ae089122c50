import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listEntries } from '../../src/database/audit/trail.ts';
import { makeApp } from '../support/app.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';

describe.skipIf(lacksPostgres)('a rotated password of PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());

  test('that a reload brought reaches the next connection, while the old ones work on', async () => {
    const { app, vars, url, setPassword, endConnections, whoAmI } = await setUp(postgres);
    await setPassword('two');
    expect(await whoAmI()).toMatch(/^app_/);
    vars['DATABASE_URL'] = url('two');
    const { changes, restartRequired } = await app.locals.config.reload();
    expect([changes.map(({ key }) => key), restartRequired]).toEqual([['DATABASE_URL'], []]);
    await endConnections();
    expect(await whoAmI()).toMatch(/^app_/);
    expect(app.locals.config.lastReload()?.by).toBe('the app');
  });

  test('that nobody told of is found by the refused login: one refresh, one retry', async () => {
    const { app, vars, url, setPassword, endConnections, whoAmI } = await setUp(postgres);
    await setPassword('two');
    vars['DATABASE_URL'] = url('two');
    await endConnections();
    const answers = await Promise.all([whoAmI(), whoAmI(), whoAmI()]);
    expect(new Set(answers).size).toBe(1);
    expect(app.locals.config.version).toBe(2);
    expect(app.locals.config.lastReload()).toMatchObject({
      ok: true,
      by: 'refused login to the database',
      changed: ['DATABASE_URL'],
    });
    const { database } = app.locals;
    await endConnections();
    expect(await database.transaction(({ query }) => query(sql`SELECT 1 AS one`))).toHaveLength(1);
  });

  test('a transaction that is refused is tried again as a whole', async () => {
    const { app, vars, url, setPassword, endConnections } = await setUp(postgres);
    await setPassword('two');
    vars['DATABASE_URL'] = url('two');
    await endConnections();
    let runs = 0;
    await app.locals.database.transaction(async ({ query }) => {
      runs += 1;
      await query(sql`SELECT 1`);
    });
    expect(runs).toBe(1);
  });

  test('that the configuration does not have fails after one refresh, and heals by the next', async () => {
    const { app, vars, url, setPassword, endConnections, whoAmI } = await setUp(postgres);
    const reloads: string[] = [];
    app.locals.config.onReload(({ by }) => reloads.push(by));
    await setPassword('two');
    await endConnections();
    for (const _ of [1, 2, 3]) await expect(whoAmI()).rejects.toMatchObject({ code: '28P01' });
    expect(reloads).toEqual(['refused login to the database']);
    vars['DATABASE_URL'] = url('two');
    await app.locals.config.reload();
    expect(await whoAmI()).toMatch(/^app_/);
  });

  test('a reload writes its entry with the password that it brings', async () => {
    const { app, vars, url, setPassword, endConnections } = await setUp(postgres);
    await setPassword('two');
    vars['DATABASE_URL'] = url('two');
    await endConnections();
    await app.locals.config.reload({ by: 'SIGHUP' });
    const [entry] = await listEntries(app.locals.database);
    expect(entry).toMatchObject({ detail: { by: 'SIGHUP', changed: ['DATABASE_URL'] } });
  });

  test('that is wrong harms nobody else while its reload is recorded', async () => {
    const { app, vars, url, whoAmI } = await setUp(postgres);
    const { config, database } = app.locals;
    const reloads = await database.transaction(async ({ query }) => {
      await query(sql`SELECT pg_advisory_xact_lock(7305003)`);
      vars['DATABASE_URL'] = url('wrong');
      const reload = config.reload();
      await vi.waitFor(() => expect(config.candidate).toBeDefined());
      for (const name of await Promise.all([1, 2, 3].map(whoAmI))) expect(name).toMatch(/^app_/);
      return [reload];
    });
    await Promise.all(reloads);
    expect(config.version).toBe(2);
  });

  test('a reload that brings one that is wrong, too, does not wait for itself', async () => {
    const { app, vars, url, setPassword, endConnections, whoAmI } = await setUp(postgres);
    await setPassword('three');
    vars['DATABASE_URL'] = url('two');
    await endConnections();
    const refused = app.locals.config.reload();
    await expect(refused).rejects.toMatchObject({ cause: { code: '28P01' } });
    expect(app.locals.config.version).toBe(1);
    await setPassword('two');
    expect(await whoAmI()).toMatch(/^app_/);
    expect(app.locals.config.version).toBe(2);
  });
});

/** An app that logs in to a database of its own as a user of its own, with the password `one`. */
async function setUp(postgres: PostgresServer) {
  const { name } = await postgres.createDatabase();
  const user = `app_${name}`;
  const setPassword = (password: string) =>
    postgres.run(`ALTER ROLE ${user} PASSWORD '${password}'`);
  await postgres.run(`CREATE ROLE ${user} LOGIN; ALTER DATABASE ${name} OWNER TO ${user}`);
  await setPassword('one');
  const url = (password: string) => postgres.url(name, password).replace('strata', user);
  const vars: Record<string, string> = { DATABASE_URL: url('one') };
  const app = await makeApp({ vars });
  const { database } = app.locals;
  return {
    app,
    vars,
    url,
    setPassword,
    endConnections: () =>
      postgres.run(
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '${user}'`,
      ),
    whoAmI: async () =>
      (await database.query<{ name: string }>(sql`SELECT current_user AS name`))[0]?.name,
  };
}
