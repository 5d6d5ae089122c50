import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PRODUCTION_VARS, temporaryFolder } from '../support/app.ts';
import { PROJECT } from '../support/process.ts';
import { execForm, instructions } from './files.ts';

const CACHE = join('node_modules', '.cache', 'strata');

test('the cache that the image is built with leaves nothing to compile at a start', () => {
  const image = likeTheImage();
  const warmed = run(image, execForm(instructions('RUN').at(-1)));
  expect(warmed).toMatchObject({ status: 0, stderr: '' });
  const held = readdirSync(join(image, CACHE), { recursive: true });
  expect(held.length).toBeGreaterThan(500);
  const help = run(image, ['node', '--require', './scripts/preload.cjs', 'src/cli.ts', '--help']);
  const started = run(image, ['node', '--eval', START]);
  expect([help.stderr, started.stderr]).toEqual(['', '']);
  expect(started.stdout).toContain('is ready: production');
  expect(readdirSync(join(image, CACHE), { recursive: true })).toEqual(held);
}, 120_000);

// The image's own command, ended by a signal once it is ready.
const [, ...command] = execForm(instructions('CMD')[0]);
const START = `
const child = require('node:child_process').spawn(
  process.execPath, ${JSON.stringify(command)}, { stdio: ['ignore', 'pipe', 'inherit'] });
child.stdout.on('data', (data) => {
  process.stdout.write(data);
  if (String(data).includes('is ready')) child.kill('SIGTERM');
});
child.on('exit', (code) => process.exit(code));
`;

/** What the image holds; its packages are links, but the cache beside them is its own. */
function likeTheImage(): string {
  const image = temporaryFolder();
  for (const path of ['src', 'scripts/preload.cjs', 'scripts/warm-cache.ts', 'package.json']) {
    cpSync(join(PROJECT, path), join(image, path), { recursive: true });
  }
  mkdirSync(join(image, 'node_modules'));
  for (const name of readdirSync(join(PROJECT, 'node_modules'))) {
    if (name.startsWith('.')) continue;
    symlinkSync(join(PROJECT, 'node_modules', name), join(image, 'node_modules', name));
  }
  return image;
}

function run(cwd: string, [, ...args]: readonly string[]) {
  const env = {
    APP_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    APP_SHUTDOWN_DRAIN_MS: '0',
    SECRETS_DIR: temporaryFolder(),
    ...PRODUCTION_VARS,
  };
  return spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
}
