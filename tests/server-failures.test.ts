import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { placeFiles } from './support/app.ts';
import { PROJECT, startServer } from './support/process.ts';

const CAUSES: [what: string, thrower: string, told: RegExp][] = [
  ['an error', `throw new Error('hunter2hunter2')`, /\(Error\).* at .*config\.ts\?v=\w+:2:/s],
  ['a text', `throw 'hunter2hunter2'`, /caught\.$/],
  ['a rejection', `Promise.reject('hunter2hunter2')`, /\(ERR_UNHANDLED_REJECTION\)/],
  [
    'an error with a stack of its own',
    `throw Object.assign(new Error(''), { stack: 'hunter2\\n    at hunter2' })`,
    /\(Error\)$/,
  ],
  [
    'an error without a stack',
    `Error.stackTraceLimit = 0; throw new Error('hunter2hunter2')`,
    /\(Error\)$/,
  ],
  [
    'a file that is not there',
    `readFile('/nowhere/hunter2hunter2', (error) => { throw error })`,
    /\(ENOENT\)$/,
  ],
];

test.each(CAUSES)(
  'what nobody caught is a line of the log without its message, and exit 1: %s',
  async (_what, thrower, told) => {
    const config = `import { readFile } from 'node:fs';
      process.on('SIGUSR2', () => { ${thrower} });
      export default {};`;
    const server = startServer({ instance: { 'config.ts': config } });
    await server.url();
    server.process.kill('SIGUSR2');
    const { code, stdout, stderr } = await server.ended();
    expect({ code, last: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') }).toMatchObject({
      code: 1,
      last: { level: 'fatal', err: expect.stringMatching(told) },
    });
    expect(stderr.trim()).toMatch(/^Strata ended by an error that nobody caught\./m);
    expect(stderr.trim()).toMatch(told);
    expect(stdout + stderr).not.toContain('hunter2');
  },
);

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

test('a greeting that fails ends the start before anybody hears that the app is ready', async () => {
  const instance = { 'development-admin.json/file': '' };
  const { code, stdout, stderr } = await startServer({ instance }).ended();
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^Strata could not start\. \(EISDIR\)/),
  });
  expect(stdout).not.toContain('is ready');
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
