import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../../src/database/sqlite.ts';
import { temporaryFolder } from '../support/app.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { PROJECT, runCli } from '../support/process.ts';

const NAMES = readdirSync(join(PROJECT, 'src/database/migrations')).sort();
const ALL = `${NAMES.join('\n')}\n`;
const NOTHING = 'Nothing to do.\n';

const migrateAll = (url: string, processes: number) =>
  Promise.all(
    Array.from({ length: processes }, () => runCli(['migrate'], { vars: { DATABASE_URL: url } })),
  );

/** One of the processes did everything, the others nothing, and none failed. */
function expectOneWorked(ended: Awaited<ReturnType<typeof migrateAll>>): void {
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    ended.map(() => ({ code: 0, stderr: '' })),
  );
  expect(ended.map(({ stdout }) => stdout).sort()).toEqual(
    [ALL, ...ended.slice(1).map(() => NOTHING)].sort(),
  );
}

describe('npm run migrate', () => {
  test('tells what it ran, and the second time that there was nothing to do', async () => {
    const url = `sqlite:///${join(temporaryFolder(), 'app.db')}`;
    const [first] = await migrateAll(url, 1);
    const [second] = await migrateAll(url, 1);
    expect([first?.stdout, second?.stdout]).toEqual([ALL, NOTHING]);
  });

  test('of processes that start at once on one SQLite file one works', async () => {
    const file = join(temporaryFolder(), 'app.db');
    expectOneWorked(await migrateAll(`sqlite:///${file}`, 6));
    const database = openSqlite(file);
    onTestFinished(() => database.close());
    const rows = await database.query(sql`SELECT name FROM migrations ORDER BY name`);
    expect(rows).toEqual(NAMES.map((name) => ({ name })));
  });

  test('that fails names the migration, changes nothing and exits 1', async () => {
    const copy = temporaryFolder();
    for (const name of ['src', 'scripts', 'package.json']) {
      cpSync(join(PROJECT, name), join(copy, name), { recursive: true });
    }
    mkdirSync(join(copy, 'instance'));
    symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, 'src/database/migrations/9999-wrong.sql'), 'CREATE TABEL oops (id);');
    const args = ['src/cli.ts', 'migrate'];
    const options = { cwd: copy, env: { PATH: process.env['PATH'] }, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('cannot run migrations/9999-wrong.sql: near "TABEL": syntax error');
    const database = openSqlite(join(copy, 'instance/dev.db'));
    onTestFinished(() => database.close());
    expect(await database.query(sql`SELECT name FROM sqlite_master`)).toEqual([]);
  });
});

describe.skipIf(lacksPostgres)('npm run migrate on PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());

  test('is not done by a command that only looks', async () => {
    const { name, url } = await postgres.createDatabase();
    expect(await runCli(['flags'], { vars: { DATABASE_URL: url } })).toMatchObject({ code: 0 });
    expect(
      (await postgres.run('SELECT 1 FROM pg_tables WHERE schemaname = $$public$$', name)).rows,
    ).toEqual([]);
  });

  test('of processes that start at once on one database one works', async () => {
    const { name, url } = await postgres.createDatabase();
    expectOneWorked(await migrateAll(url, 6));
    const { rows } = await postgres.run('SELECT name FROM migrations ORDER BY name', name);
    expect(rows).toEqual(NAMES.map((migration) => ({ name: migration })));
  });
});
