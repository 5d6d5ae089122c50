import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { verifyPassword } from '../../src/config/password.ts';
import { loadWorld, placeFiles } from '../support/app.ts';
import { PROJECT } from '../support/process.ts';

const COMMAND = `"${process.execPath}" "${PROJECT}src/cli.ts" hash-password`;
const HASH = /\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}/;
const PASSWORD = 'correct hörse "battery" $taple';
// util-linux's `script` gives a program a terminal of its own.
const lacksScript =
  !/util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '') &&
  process.env['CI'] === undefined;

/** Type into the command on a terminal once it has asked, and give everything that was shown. */
async function type(keys: string): Promise<{ shown: string; code: number | null }> {
  const child: ChildProcess = spawn('script', ['-qefc', COMMAND, '/dev/null'], {
    cwd: placeFiles(),
    env: { PATH: process.env['PATH'], SHELL: '/bin/sh', TERM: 'xterm-256color' },
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill());
  let shown = '';
  child.stdout?.on('data', (data: Buffer) => {
    shown += data;
  });
  const ended = once(child, 'close');
  await vi.waitFor(() => expect(shown).toContain('Password: '), 10_000);
  child.stdin?.write(keys);
  await ended;
  return { shown, code: child.exitCode };
}

describe.skipIf(lacksScript)('on a terminal (needs script of util-linux)', () => {
  test('it asks, echoes nothing, and prints the hash of what was typed', async () => {
    const { shown, code } = await type(`${PASSWORD}\r`);
    const hash = HASH.exec(shown)?.[0] ?? '';
    expect(code).toBe(0);
    expect(shown.replace(hash, '(hash)').replaceAll('\r\n', '\n')).toBe('Password: \n(hash)\n');
    expect(await verifyPassword(PASSWORD, hash)).toBe(true);
    expect(await verifyPassword(`${PASSWORD} `, hash)).toBe(false);
  });

  test('what was corrected while typing counts as corrected', async () => {
    const { shown } = await type('secrex\u007ft\r');
    expect(await verifyPassword('secret', HASH.exec(shown)?.[0] ?? '')).toBe(true);
  });

  test.each([
    ['an empty password', '\r'],
    ['Ctrl-C', 'half a pass\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s ends it without a hash', async (_name, keys) => {
    const { shown, code } = await type(keys);
    expect(code).toBe(1);
    expect(shown.replaceAll('\r\n', '\n')).toBe('Password: \nThe password is empty.\n');
  });
});

const hash = (parameters: string, salt = 'c2FsdHNhbHQ', digest = 'A'.repeat(22)) =>
  `$argon2id$v=19$${parameters}$${salt}$${digest}`;

describe('a hash in OPS_USERS', () => {
  const refusal = async (passwordHash: string) => {
    const OPS_USERS = JSON.stringify([{ username: 'ada', role: 'admin', passwordHash }]);
    const { problems } = await loadWorld({ vars: { OPS_USERS } });
    return problems.map(({ key, reason }) => `${key} ${reason}`);
  };

  test.each([
    ['nothing', ''],
    ['a password', PASSWORD],
    ['bcrypt', '$2b$10$abcdefghijklmnopqrstuv'],
    ['argon2i', hash('m=8,t=1,p=1').replace('argon2id', 'argon2i')],
    ['no memory', hash('m=0,t=1,p=1')],
    ['less memory than its lanes need', hash('m=8,t=1,p=2')],
    ['no passes', hash('m=8,t=0,p=1')],
    ['no lanes', hash('m=8,t=1,p=0')],
    ['a short salt', hash('m=8,t=1,p=1', 'c2FsdA')],
    ['a short digest', hash('m=8,t=1,p=1', undefined, 'AAAA')],
    ['a line more', `${hash('m=8,t=1,p=1')}\n`],
  ])('that is %s is refused without being shown', async (_name, text) => {
    expect(await refusal(text)).toEqual([
      'OPS_USERS.1.passwordHash expects an argon2id hash: npm run hash-password makes one',
    ]);
  });

  test.each(['m=8,t=1,p=1', 'm=16,t=1,p=2', 'm=65536,t=3,p=4'])(
    'of %s can be checked',
    async (p) => {
      expect(await refusal(hash(p))).toEqual([]);
      expect(await verifyPassword(PASSWORD, hash(p))).toBe(false);
    },
  );
});

describe('off a terminal', () => {
  const pipe = (input: string) =>
    spawnSync(process.execPath, [`${PROJECT}src/cli.ts`, 'hash-password'], {
      cwd: placeFiles(),
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
      input,
    });

  test.each([
    ['a line', `${PASSWORD}\n`],
    ['a line of Windows', `${PASSWORD}\r\n`],
    ['no end of line', PASSWORD],
    ['more lines', `${PASSWORD}\nanother\n`],
  ])('it hashes the first line of its input: %s', async (_name, input) => {
    const { status, stdout, stderr } = pipe(input);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${HASH.source}\n$`));
    expect(await verifyPassword(PASSWORD, stdout.trim())).toBe(true);
  });

  test('the same password has another hash each time', () => {
    expect(pipe(PASSWORD).stdout).not.toBe(pipe(PASSWORD).stdout);
  });

  test('no input is refused', () => {
    const { status, stdout, stderr } = pipe('');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('The password is empty.');
  });
});
