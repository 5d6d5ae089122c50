import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { placeFiles, temporaryFolder } from './support/app.ts';
import { PROJECT } from './support/process.ts';

const PRELOAD = join(PROJECT, 'scripts', 'preload.cjs');
const sentence = (version: string) =>
  `Strata needs Node 24.15 or newer; this is ${version}. ` +
  'Run "npm ci" once and start it with npm, which brings the right Node along.\n';

describe('a Node that is too old', () => {
  test.each([
    ['24.14.9', 1],
    ['22.20.0', 1],
    ['9.11.2', 1],
    ['24.15.0', 0],
    ['26.0.0', 0],
  ])('%s ends with exit %i, with one clear sentence if it fails', (version, status) => {
    const fake = [
      `const versions = { ...process.versions, node: '${version}' };`,
      `Object.defineProperty(process, 'versions', { value: versions });`,
      `Object.defineProperty(process, 'version', { value: 'v${version}' });`,
    ].join('\n');
    const folder = placeFiles({ 'fake.cjs': fake });
    const { preload } = project();
    const args = ['--require', join(folder, 'fake.cjs'), '--require', preload, '-p', '"ran"'];
    expect(run(process.execPath, args)).toEqual({
      status,
      stdout: status === 0 ? 'ran\n' : '',
      stderr: status === 0 ? '' : sentence(`v${version}`),
    });
  });

  const old = findOldNode();
  test.skipIf(old === undefined)('the real one of this machine says it too', () => {
    const version = run(old?.path ?? '', ['--version']).stdout.trim();
    const args = ['--require', PRELOAD, join(PROJECT, 'src', 'server.ts')];
    expect(run(old?.path ?? '', args)).toEqual({
      status: 1,
      stdout: '',
      stderr: sentence(version),
    });
  });
});

describe('the compile cache', () => {
  test('is a folder of mode 0700 inside node_modules/.cache', () => {
    const { preload, cache } = project();
    const args = ['--require', preload, '-p', 'require("node:module").getCompileCacheDir()'];
    const { status, stdout } = run(process.execPath, args);
    expect(status).toBe(0);
    expect(stdout.startsWith(cache)).toBe(true);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
  });

  test('is made private where it was open before', () => {
    const { preload, cache } = project();
    mkdirSync(cache, { recursive: true });
    chmodSync(cache, 0o777);
    expect(run(process.execPath, ['--require', preload, '-e', '0']).status).toBe(0);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
  });

  test('of this project is private too', () => {
    run(process.execPath, ['--require', PRELOAD, '-e', '0']);
    const cache = join(PROJECT, 'node_modules', '.cache', 'strata');
    expect(statSync(cache).mode & 0o777).toBe(0o700);
  });

  test('that cannot be made is no reason not to start', () => {
    const { preload, folder } = project();
    copyFileSync(PRELOAD, join(folder, 'node_modules'));
    expect(run(process.execPath, ['--require', preload, '-p', '"ran"'])).toEqual({
      status: 0,
      stdout: 'ran\n',
      stderr: '',
    });
  });
});

test('what src imports is there, and zod without its languages but for English', () => {
  const schema = pathToFileURL(join(PROJECT, 'src', 'config', 'schema.ts')).href;
  const script = [
    `const { settingsSchema } = await import('${schema}');`,
    `const { z } = await import('${import.meta.resolve('zod')}');`,
    `const [{ message }] = settingsSchema.shape.PORT.safeParse('x').error.issues;`,
    `console.log(Object.keys(z.locales), message);`,
  ].join('\n');
  const args = ['--require', PRELOAD, '--input-type=module', '--eval', script];
  const stdout = '[] Invalid input: expected number, received string\n';
  expect(run(process.execPath, args)).toEqual({ status: 0, stdout, stderr: '' });
});

/** A project folder with nothing but the preload in it. */
function project() {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'scripts'));
  const preload = join(folder, 'scripts', 'preload.cjs');
  copyFileSync(PRELOAD, preload);
  return { folder, preload, cache: join(folder, 'node_modules', '.cache', 'strata') };
}

function run(node: string, args: string[]) {
  const { status, stdout, stderr } = spawnSync(node, args, {
    cwd: temporaryFolder(),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { status, stdout, stderr };
}

/** A Node of this machine, outside node_modules, that is older than the app needs. */
function findOldNode(): { path: string } | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const nodes = folders
    .filter((folder) => folder !== '' && !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'));
  const path = nodes.find((node) => {
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    return /^v(?:\d|1\d|2[0-3])\./.test(stdout ?? '');
  });
  return path === undefined ? undefined : { path };
}
