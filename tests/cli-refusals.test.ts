import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { placeFiles } from './support/app.ts';
import { PROJECT, runCli } from './support/process.ts';

const SIGNING = [{ id: 'ci', key: `whsec_${'k'.repeat(43)}=`, role: 'admin' }];
const vars = { OPS_SIGNING_KEYS: JSON.stringify(SIGNING) };

describe('a word that makes no sense is refused in a sentence', () => {
  test.each([
    ['explain postgres://u:hunter2@h/d', 'That is not a configuration key'],
    ['show-config postgres://u:hunter2@h/d', 'That is not a configuration key'],
    ['audit tail --lines abc', '--lines expects a whole number from 1 up'],
    ['audit tail --lines -5', '--lines expects a whole number from 1 up'],
    ['sign GET /ops/config --url notaurl', '--url is no address'],
  ])('%s', async (line, said) => {
    const { code, stdout, stderr } = await runCli(line.split(' '), { env: 'testing', vars });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/hunter2|^ +at /m);
  });
});

test('a file whose name would steer the terminal is named in plain characters', async () => {
  const folder = join(
    placeFiles({ 'a\u001b[2J/secret_key': 'x', 'a\u001b[2J/b\u001b[31m': '' }),
    'a\u001b[2J',
  );
  const vars = { SECRETS_DIR: folder, APP_SECRET_KEY: 'y' };
  for (const args of [
    ['show-config', 'SECRET_KEY', '--origin'],
    ['explain', 'SECRET_KEY'],
    ['check-config'],
  ]) {
    const { stdout, stderr } = await runCli(args, { env: 'production', vars });
    expect(stdout + stderr).toContain('a\\u001b[2J/');
    expect(stdout + stderr).not.toContain('\u001b');
  }
});

test('a folder in the place of .env is refused in a sentence', async () => {
  const cwd = placeFiles();
  mkdirSync(join(cwd, '.env'));
  const { code, stderr } = await runCli(['show-config'], { cwd });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      'The variables cannot be read:\n\n  .env cannot be read\n' +
      '    do:    make it a file that this user can read, or remove it\n',
  });
});

test('a reader that has seen enough ends a command in silence', async () => {
  const command = `"$0" "$1" show-config --all --json | true`;
  const env = { PATH: process.env['PATH'], APP_ENV: 'testing', SECRETS_DIR: placeFiles() };
  const args = ['-c', command, process.execPath, `${PROJECT}src/cli.ts`];
  const child = spawn('sh', args, { cwd: placeFiles(), env });
  let stderr = '';
  for await (const data of child.stderr) stderr += data;
  expect(stderr).toBe('');
});
