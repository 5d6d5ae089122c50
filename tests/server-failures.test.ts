import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { placeFiles } from './support/app.ts';
import { PROJECT, startServer } from './support/process.ts';

test('an error that nobody caught is a masked line of the log, and exit 1', async () => {
  const thrown = `new Error('no answer from postgres://ada:hunter2hunter2@db/shop')`;
  const thrower = `process.on('SIGUSR2', () => { throw ${thrown} });`;
  const folder = placeFiles({ 'thrower.mjs': thrower });
  const server = startServer({ vars: { NODE_OPTIONS: `--import=${folder}/thrower.mjs` } });
  await server.url();
  server.process.kill('SIGUSR2');
  const ended = await server.ended();
  expect(ended.code).toBe(1);
  expect(JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    level: 'fatal',
    err: { type: 'Error', message: 'no answer from postgres://***@db/shop' },
  });
  expect(ended.stderr).toMatch(/^Strata ended by an error that nobody caught\. \(Error\)\n +at /);
  expect(ended.stdout + ended.stderr).not.toContain('hunter2');
});

test('a late error of config.ts ends the server, too, and its message is nowhere', async () => {
  const config = `process.on('SIGUSR2', () => { throw new Error('hunter2hunter2') });`;
  const server = startServer({ instance: { 'config.ts': `${config}\nexport default {};` } });
  await server.url();
  server.process.kill('SIGUSR2');
  const { code, stdout, stderr } = await server.ended();
  expect({ code, last: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') }).toMatchObject({
    code: 1,
    last: { level: 'fatal', err: expect.stringMatching(/at .*config\.ts\?v=\w+:1:/) },
  });
  expect(stderr).toMatch(/^Strata ended by an error that nobody caught\. \(Error\)\n +at /);
  expect(stdout + stderr).not.toContain('hunter2');
});

test('a start that fails tells what was left out, and what else was found', async () => {
  const cwd = placeFiles({ '.env': 'SECRET_KEY=of-development\n' });
  const secrets = { somebody_elses: 'x' };
  const { stderr } = await startServer({ env: 'production', cwd, secrets }).ended();
  expect(stderr).toMatch(
    /^The configuration for production has 2 problems:\n\n {2}\w+ is not set\n/,
  );
  expect(stderr).toMatch(/^warning: \.env is for development alone and was not read: /m);
  expect(stderr).toMatch(/^warning: SOMEBODY_ELSES is not a known key /m);
});

test('npm run dev says what is wrong with a .env that is a folder, and what it waits for', async () => {
  const cwd = placeFiles({ '.env/file': '' });
  const before = manifest.scripts.predev.replace('scripts/', `${PROJECT}scripts/`);
  const { status, stderr } = spawnSync(before, { cwd, shell: true, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const server = await startServer({ cwd, vars: { npm_lifecycle_event: 'dev' } }).ended();
  expect(server.stderr).toMatch(/^The variables cannot be read:\n\n {2}\.env cannot be read\n/);
  expect(server.stderr).toMatch(
    /^Once that is corrected, save any file in src\/, or start again\.$/m,
  );
});
