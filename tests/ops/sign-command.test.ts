import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/app.ts';
import { runCli } from '../support/process.ts';
import { ADMIN_KEY, listening, SIGNING_VARS, VIEWER_KEY } from './signer.ts';

const run = promisify(execFile);
const PATH = '/usr/bin:/bin:/usr/local/bin';

describe('npm run sign', () => {
  const cli = (...args: string[]) =>
    runCli(['sign', ...args], { env: 'testing', vars: SIGNING_VARS });

  test('prints a curl command that works, once', async () => {
    using app = await listening();
    const path = 'ops/flags/FEATURE_SIGNUP_V2?by=ci';
    const data = JSON.stringify({ value: true, action: 'x', audience: 'y' });
    const { stdout } = await cli('post', path, '--data', data, '--url', app.url);
    const curl = () => run('sh', ['-c', stdout], { env: { PATH }, cwd: temporaryFolder() });
    expect(JSON.parse((await curl()).stdout)).toMatchObject({ ok: true, value: true });
    expect(JSON.parse((await curl()).stdout)).toMatchObject({ status: 401 });
  });

  test('signs a GET with the key that is named', async () => {
    using app = await listening();
    const args = ['--key', VIEWER_KEY.id, '--url', app.url];
    const { stdout } = await cli('GET', '/ops/config', ...args);
    const answer = await run('sh', ['-c', stdout], { env: { PATH } });
    expect(JSON.parse(answer.stdout)).toMatchObject({ environment: 'testing' });
  });

  test('signs for an app whose name is not ASCII, in a header too', async () => {
    const vars = { ...SIGNING_VARS, APP_NAME: 'Café 東京' };
    using app = await listening(vars);
    for (const [method, path] of [
      ['GET', '/ops/config'],
      ['POST', '/ops/reload'],
    ] as const) {
      const args = ['sign', method, path, '--url', app.url];
      const { stdout } = await runCli(args, { env: 'testing', vars });
      const answer = await run('sh', ['-c', stdout], { env: { PATH }, cwd: temporaryFolder() });
      expect(JSON.parse(answer.stdout)).toMatchObject({ version: 1 });
    }
  });

  test.each([
    ['a key that is not there', ['POST', '/ops/reload', '--key', 'nobody'], 'has no such key'],
    ['data that is no object', ['POST', '/ops/reload', '--data', '[1]'], 'JSON objects only'],
    ['a method that is not open', ['PUT', '/ops/reload'], 'opens no such route'],
    ['a path that is not open', ['POST', '/ops/nothing'], 'opens no such route'],
    ['data that is no JSON', ['POST', '/ops/reload', '--data', '{x'], 'JSON objects only'],
  ])('%s: exit 1, and the reason', async (_what, args, reason) => {
    const { code, stdout, stderr } = await cli(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain(ADMIN_KEY.key.slice(8, 20));
  });

  test('never prints the key itself', async () => {
    const { stdout, stderr } = await cli('POST', '/ops/reload');
    expect(stdout).toContain('webhook-signature: v1,');
    expect(stdout + stderr).not.toContain(ADMIN_KEY.key.slice(8, 20));
  });
});
