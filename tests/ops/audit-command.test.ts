import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { canary, leaksIn } from '../config/canary.ts';
import { temporaryFolder } from '../support/app.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { runCli, startServer } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { ADMIN, OPERATORS } from './door.ts';

const EACH = 10;

function world(databaseUrl: string, more: Record<string, string> = {}) {
  const vars = {
    DATABASE_URL: databaseUrl,
    SECRET_KEY: canary(),
    OPS_USERS: JSON.stringify(OPERATORS),
    ...more,
  };
  return { env: 'development', vars };
}

async function logIn(url: string, who: object = ADMIN): Promise<number> {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify(who);
  return (await fetch(`${url}ops/login`, { method: 'POST', headers, body })).status;
}

/** Let people log in at two servers at once; gives the log of both, in a file. */
async function serveTwice(databaseUrl: string): Promise<string> {
  const servers = [startServer(world(databaseUrl)), startServer(world(databaseUrl))];
  const urls = await Promise.all(servers.map((server) => server.url()));
  const wanted = urls.flatMap((url) => Array<string>(EACH).fill(url));
  const statuses = await Promise.all(wanted.map((url) => logIn(url)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  for (const { process } of servers) process.kill('SIGTERM');
  const ended = await Promise.all(servers.map((server) => server.ended()));
  const file = join(temporaryFolder(), 'app.log');
  writeFileSync(file, ended.map(({ stdout }) => stdout.replace(/^/gm, 'app-1  | ')).join(''));
  return file;
}

const databases: [name: string, isMissing: boolean, url: () => Promise<string>][] = [
  ['SQLite', false, async () => `sqlite:${temporaryFolder()}/audit.db`],
  ['PostgreSQL', lacksPostgres, async () => (await postgres.createDatabase()).url],
];
let postgres: PostgresServer;

describe.each(databases)('two servers on one %s', (name, isMissing, url) => {
  describe.skipIf(isMissing)('that write at once', () => {
    if (name === 'PostgreSQL') {
      beforeAll(async () => {
        postgres = await startPostgres();
      });
      afterAll(() => postgres.remove());
    }

    test('make one chain, which their logs agree with', async () => {
      const database = await url();
      const log = await serveTwice(database);
      const verify = await runCli(['audit', 'verify', '--anchor', log], world(database));
      expect(verify).toEqual({
        code: 0,
        stdout: `Whole: 1 to ${2 * EACH}, and as ${2 * EACH} lines of the log say.\n`,
        stderr: '',
      });
    });
  });
});

test('verify tells the first bad entry with exit 3, by itself or by the log', async () => {
  const file = join(temporaryFolder(), 'audit.db');
  const log = await serveTwice(`sqlite:${file}`);
  const verify = (...more: string[]) =>
    runCli(['audit', 'verify', ...more], world(`sqlite:${file}`));
  const database = new DatabaseSync(file);
  database.exec(`DELETE FROM audit WHERE sequence > ${2 * EACH - 2}`);
  expect(await verify()).toMatchObject({ code: 0, stdout: `Whole: 1 to ${2 * EACH - 2}.\n` });
  expect(await verify('--anchor', log)).toMatchObject({
    code: 3,
    stdout: `Broken: entry ${2 * EACH - 1} is missing.\n`,
  });
  database.exec("UPDATE audit SET actor = 'vera' WHERE sequence = 5");
  database.close();
  expect(await verify()).toMatchObject({ code: 3, stdout: 'Broken: entry 5 was changed.\n' });
  const { code, stdout } = await verify('--json');
  expect({ code, ...JSON.parse(stdout) }).toEqual({
    code: 3,
    entries: 2 * EACH - 2,
    first: 1,
    last: 2 * EACH - 2,
    anchors: 0,
    bad: { sequence: 5, reason: 'was changed' },
  });
});

test('tail prints the newest entries, export all of them, and neither a secret', async () => {
  const database = `sqlite:${temporaryFolder()}/audit.db`;
  const log = await serveTwice(database);
  const print = async (...args: string[]) => {
    const ended = await runCli(['audit', ...args], world(database));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(leaksIn(ended.stdout)).toEqual([]);
    return ended.stdout.trimEnd().split('\n');
  };
  const tail = await print('tail', '--lines', '2');
  expect(tail.map((line) => line.split('  ').filter((_text, i) => i !== 1))).toEqual([
    [String(2 * EACH - 1), 'done', 'login', '-', expect.stringMatching(/^ada \(admin\) \S+$/)],
    [String(2 * EACH), 'done', 'login', '-', expect.stringMatching(/^ada \(admin\) \S+$/)],
  ]);
  const exported = (await print('export', '--json')).map((line) => JSON.parse(line).sequence);
  expect(exported).toEqual(Array.from({ length: 2 * EACH }, (_, i) => i + 1));
  expect(await print('export')).toHaveLength(2 * EACH);
  const empty = await runCli(['audit', 'verify', '--anchor', `${log}.gone`], world(database));
  expect(empty).toMatchObject({ code: 1, stdout: '' });
  expect(empty.stderr).toContain('cannot be read, or no line in it is an anchor');
});

test('a database that cannot be reached is exit 2', async () => {
  const ended = await runCli(
    ['audit', 'verify'],
    world(`postgres://u@127.0.0.1:${await freePort()}/x`),
  );
  expect(ended).toMatchObject({ code: 2, stdout: '' });
});

test('anchors go to a log that is told to hold warnings only', async () => {
  const port = await freePort();
  const more = { PORT: String(port), LOG_LEVEL: 'warn' };
  const server = startServer(world(`sqlite:${temporaryFolder()}/audit.db`, more));
  const url = `http://127.0.0.1:${port}/`;
  await vi.waitFor(async () => expect((await fetch(`${url}livez`)).status).toBe(200), 10_000);
  expect(await logIn(url, { username: canary(), password: canary() })).toBe(401);
  await server.said(/"audit":\{"sequence":1,"hash":"[0-9a-f]{64}"\}/);
  expect(server.stdout).not.toContain('"request"');
  expect(leaksIn(server.stdout)).toEqual([]);
});
