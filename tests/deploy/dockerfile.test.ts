import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSecretName } from '../../src/config/secret.ts';
import { PROJECT } from '../support/process.ts';
import { dockerfile, execForm, instructions, readProject } from './files.ts';

const { scripts, engines } = JSON.parse(readProject('package.json')) as {
  scripts: Record<string, string>;
  engines: Record<string, string>;
};
/** What the build takes from the project. */
const copied = instructions('COPY')
  .filter((text) => !text.startsWith('--from'))
  .flatMap((text) => text.split(' ').slice(0, -1));

describe('the image', () => {
  test('runs on the major version of Node that the project asks for', () => {
    const major = /\d+/.exec(engines['node'] ?? '')?.[0];
    const images = instructions('FROM').map((text) => text.split(' ')[0]);
    expect(images).toEqual([`node:${major}-slim`, `node:${major}-slim`]);
  });

  test('starts as npm start does, but without npm, which would swallow signals', () => {
    const [command] = instructions('CMD');
    expect(execForm(command).join(' ')).toBe(scripts['start']);
    expect(command).toContain('"--disable-sigusr1", "--report-exclude-env"');
  });

  test('runs in production, as a user that has a number and is not root', () => {
    expect(instructions('ENV').join(' ')).toMatch(
      /\bAPP_ENV=production\b.*\bNODE_ENV=production\b/,
    );
    expect(instructions('USER')).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
  });

  test('fills the compile cache as that user, and changes nothing after that', () => {
    const afterUser = dockerfile().slice(dockerfile().findIndex(({ name }) => name === 'USER') + 1);
    expect(afterUser.map(({ name }) => name)).toEqual(['RUN', 'EXPOSE', 'HEALTHCHECK', 'CMD']);
    expect(execForm(afterUser[0]?.text)).toEqual([
      'node',
      '--require',
      './scripts/preload.cjs',
      'scripts/warm-cache.ts',
    ]);
  });

  test('holds exactly the packages of the lock file, without the ones for development', () => {
    expect(instructions('RUN')[0]).toBe('npm ci --omit=dev --ignore-scripts');
  });

  test('is given no secret when it is built', () => {
    expect(instructions('ARG')).toEqual([]);
    const names = instructions('ENV').flatMap((text) =>
      [...text.matchAll(/(\w+)=/g)].map(([, name = '']) => name),
    );
    expect(names.filter(isSecretName)).toEqual([]);
    expect(copied.filter((path) => /secret|instance|\.env/.test(path))).toEqual([]);
  });
});

describe('the build context', () => {
  test('holds all that is copied', () => {
    expect(copied.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
    expect(copied.filter((path) => isIgnored(path))).toEqual([]);
    expect(isIgnored('src/http/assets/strata.css')).toBe(false);
  });

  test.each([
    '.env',
    '.env.production',
    'src/.env',
    'secrets/secret_key',
    'src/secrets/key',
    'instance/config.ts',
    'src/instance/config.ts',
    'instance/dev.db',
    'src/dev.db',
    'src/server.log',
    '.git/config',
    '.github/workflows/ci.yml',
    'node_modules/express/index.js',
    'tests/support/app.ts',
    'docker-compose.override.yml',
    'scripts/secrets.ts',
  ])('leaves out %s', (path) => {
    expect(isIgnored(path)).toBe(true);
  });
});

const SIGNS: Record<string, string> = { '**/': '(?:.*/)?', '*': '[^/]*', '.': '\\.' };

/** The last rule that matches a path or a folder above it decides. */
function isIgnored(path: string): boolean {
  const rules = readProject('.dockerignore').match(/^[^#\n].*/gm) ?? [];
  const matching = rules.filter((rule) => {
    const pattern = rule.replace('!', '').replace(/\*\*\/|\*|\./g, (sign) => SIGNS[sign] ?? sign);
    return new RegExp(`^${pattern}(?:/|$)`).test(path);
  });
  return matching.at(-1)?.startsWith('!') === false;
}
