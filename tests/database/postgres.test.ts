import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import sql from 'sql-template-tag';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openPostgres } from '../../src/database/postgres.ts';
import { makeApp } from '../support/app.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';

describe.skipIf(lacksPostgres)('with PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());

  const open = async () => {
    const { url } = await postgres.createDatabase();
    const database = openPostgres(
      () => url,
      async () => undefined,
    );
    onTestFinished(() => database.close());
    return database;
  };

  test('apps that start at once run each migration once', async () => {
    const { name, url } = await postgres.createDatabase();
    await Promise.all([1, 2, 3, 4].map(() => makeApp({ vars: { DATABASE_URL: url } })));
    const { rows } = await postgres.run('SELECT name FROM migrations ORDER BY name', name);
    expect(rows[0]).toEqual({ name: '0001-sessions.sql' });
    expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
  });

  test('a user that may make no tables needs those of their owner, and no more', async () => {
    const { name, url } = await postgres.createDatabase();
    await postgres.run(`CREATE ROLE app LOGIN PASSWORD '${postgres.password}'`);
    const vars = { DATABASE_URL: url.replace('strata:', 'app:') };
    await expect(makeApp({ vars })).rejects.toThrow('run npm run migrate as their owner');
    await makeApp({ vars: { DATABASE_URL: url } });
    await postgres.run('GRANT SELECT ON ALL TABLES IN SCHEMA public TO app', name);
    await makeApp({ vars });
  });

  test('forty queries at once share ten connections', async () => {
    const database = await open();
    const backends = await Promise.all(
      Array.from({ length: 40 }, () =>
        database.query<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid, pg_sleep(0.02)`),
      ),
    );
    expect(new Set(backends.map(([row]) => row?.pid)).size).toBe(10);
  });

  test('a transaction that fails is undone, and gives its connection back', async () => {
    const database = await open();
    const pids: unknown[] = [];
    for (const _ of [1, 2, 3]) {
      const failing = database.transaction(async ({ query }) => {
        pids.push(...(await query(sql`SELECT pg_backend_pid()`)));
        await query(sql`CREATE TABLE half_done (id INTEGER)`);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
    }
    expect([pids.length, new Set(pids.map((row) => JSON.stringify(row))).size]).toEqual([3, 1]);
  });

  test('a statement may take 5 seconds, and a transaction idle for 15', async () => {
    const [row] = await (await open()).query(
      sql`SELECT current_setting('statement_timeout') AS statement,
        current_setting('idle_in_transaction_session_timeout') AS idle`,
    );
    expect(row).toEqual({ statement: '5s', idle: '15s' });
  });

  test('a server that breaks a transaction harms this transaction alone', async () => {
    const database = await open();
    const broken = database.transaction(async ({ query }) => {
      const [row] = await query<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
      await database.query(sql`SELECT pg_terminate_backend(${row?.pid})`);
      await vi.waitFor(async () =>
        expect(
          await database.query(sql`SELECT 1 FROM pg_stat_activity WHERE pid = ${row?.pid}`),
        ).toEqual([]),
      );
      await query(sql`SELECT 1`);
    });
    await expect(broken).rejects.toThrow();
    expect(await database.query(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  });
});

describe.skipIf(lacksPostgres)('a PostgreSQL server that dies', () => {
  test('makes readiness 503, liveness stays, and it comes back by itself', async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.remove());
    const app = await makeApp({ vars: { DATABASE_URL: postgres.url() } });
    const ready = async () => (await request(app).get('/readyz')).status;
    expect(await ready()).toBe(200);
    await postgres.kill();
    await vi.waitFor(async () => expect(await ready()).toBe(503), 10_000);
    expect((await request(app).get('/livez')).status).toBe(200);
    await postgres.start();
    await vi.waitFor(async () => expect(await ready()).toBe(200), 10_000);
  });
});

describe.skipIf(lacksPostgres)('a PostgreSQL server that cannot be used', () => {
  let postgres: PostgresServer;
  const mute = createServer();
  beforeAll(async () => {
    postgres = await startPostgres();
    await once(mute.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(async () => {
    mute.close();
    await postgres.remove();
  });

  const muteUrl = () =>
    `postgres://strata:pw-of-mute@127.0.0.1:${(mute.address() as AddressInfo).port}/shop`;
  const at = (rest: string) => `postgres://127.0.0.1:${postgres.port}/${rest}`;
  test.each([
    [
      'a wrong password',
      () => postgres.url('shop', 'pw-wrong'),
      'refuses the user or the password',
    ],
    ['no password', () => at('shop?user=strata'), 'refuses the user or the password'],
    ['an unknown user', () => at('shop?user=eve&password=pw-eve'), 'refuses the user or the'],
    ['a missing database', () => postgres.url('nowhere'), 'has no database of that name'],
    ['no server there', () => 'postgres://u:pw-none@127.0.0.1:1/shop', 'nothing listens there'],
    ['an unknown host', () => 'postgres://u:pw-host@db.invalid/shop', 'no host has that name'],
    ['a server without TLS', () => `${postgres.url()}?sslmode=verify-full`, 'does not speak TLS'],
    ['a server that is mute', muteUrl, 'does not answer in time'],
  ])('%s is one sentence with the masked URL', async (_name, url, reason) => {
    const vars = { DATABASE_URL: url() };
    const refusal: unknown = await makeApp({ vars }).catch((error: unknown) => error);
    const [title, , sentence, ...rest] = String(refusal).split('\n');
    expect([title, sentence]).toEqual([
      'ConfigError: The database cannot be used:',
      expect.stringMatching(/^ {2}DATABASE_URL postgres:\/\/\S+ [a-z]/),
    ]);
    expect(sentence).toContain(reason);
    expect(rest).toEqual([
      '    from:  env DATABASE_URL',
      '    do:    start the database, or correct the address, the user or the password',
    ]);
    expect(String((refusal as Error).stack)).not.toMatch(/pw-|postgres-password/);
    expect((refusal as Error).cause).toBeUndefined();
  });
});
