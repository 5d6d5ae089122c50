import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifyPassword } from '../../src/config/password.ts';
import { temporaryFolder } from '../support/app.ts';
import { PROJECT } from '../support/process.ts';

const FILES = [
  'database_url',
  'ops_users',
  'postgres_password',
  'redis_conf',
  'redis_url',
  'secret_key',
  'secret_key_fallbacks',
];

test('npm run secrets makes every file for the services to read, in a folder of its own', () => {
  const { folder, status, stderr } = makeSecrets();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(modeOf(folder)).toBe('700');
  expect(readdirSync(folder).sort()).toEqual(FILES);
  expect(FILES.map((name) => modeOf(join(folder, name)))).toEqual(FILES.map(() => '444'));
});

test('the passwords of the servers are the ones in the URLs', () => {
  const { read } = makeSecrets();
  const database = `postgres://strata:${read('postgres_password')}@postgres:5432/strata`;
  expect(read('database_url')).toBe(database);
  const [, password] = /^requirepass (\S+)\n$/.exec(read('redis_conf')) ?? [];
  expect(password).toMatch(/^[0-9a-f]{48}$/);
  expect(read('redis_url')).toBe(`redis://:${password}@redis:6379/0`);
});

test('the password that it prints is the operator’s, and no other secret is printed', async () => {
  const { read, stdout } = makeSecrets();
  const [operator, ...others] = JSON.parse(read('ops_users'));
  const [, password = ''] = /username admin, password (\S+)/.exec(stdout) ?? [];
  expect(others).toEqual([]);
  expect(operator).toMatchObject({ username: 'admin', role: 'admin' });
  expect(await verifyPassword(password, operator.passwordHash)).toBe(true);
  for (const name of ['secret_key', 'postgres_password', 'database_url', 'redis_url']) {
    expect(stdout).not.toContain(read(name));
  }
});

test('a second run changes nothing and prints no password', () => {
  const { folder, read } = makeSecrets();
  const before = FILES.map(read);
  const { status, stdout } = makeSecrets(folder);
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'Nothing to do.\n' });
  expect(FILES.map(read)).toEqual(before);
});

test('a file that is gone is made anew to fit the others', () => {
  const { folder, read } = makeSecrets();
  const before = read('database_url');
  rmSync(join(folder, 'database_url'));
  expect(makeSecrets(folder).stdout).toBe(`Made in ${folder}: database_url\n`);
  expect(read('database_url')).toBe(before);
});

test('passwords of one’s own are taken over, quoted for a URL', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'postgres_password'), 'p@ss/word\n');
  writeFileSync(join(folder, 'redis_conf'), 'maxclients 100\nrequirepass r:d/s\n');
  const { read } = makeSecrets(folder);
  expect(read('database_url')).toContain('strata:p%40ss%2Fword@');
  expect(read('redis_url')).toContain('redis://:r%3Ad%2Fs@');
});

test('the empty folders that docker-compose 1.29 makes for missing files give way', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'secret_key'));
  expect(makeSecrets(folder).read('secret_key')).toMatch(/^[\w+/]{64}$/);
});

function makeSecrets(folder = join(temporaryFolder(), 'secrets')) {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  const [, ...args] = String(scripts.secrets).split(' ');
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, folder], {
    cwd: PROJECT,
    encoding: 'utf8',
  });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { folder, status, stdout, stderr, read };
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
