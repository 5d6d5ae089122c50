import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT } from './support/process.ts';

/** The rooms of `src` and the rooms that each may look into: they point down only. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  config: [],
  flags: ['config'],
  http: ['config'],
  database: ['config'],
  ops: ['config', 'flags', 'http', 'database'],
  demo: ['config', 'flags', 'http', 'database'],
};
const COMPOSERS = ['app.ts', 'server.ts', 'cli.ts'];

const src = filesBelow('src');
const code = src.filter((path) => path.endsWith('.ts'));
const written = [...src, ...filesBelow('tests'), ...filesBelow('scripts')];

describe('the rooms', () => {
  test('src holds the three composers and known rooms, nothing else', () => {
    const tops = [...new Set(src.map((path) => path.split('/')[1] ?? ''))];
    const known = [...COMPOSERS, ...Object.keys(MAY_IMPORT)];
    expect(tops.filter((top) => !known.includes(top))).toEqual([]);
  });

  test.each(Object.entries(MAY_IMPORT))('%s imports no other room than [%s]', (room, allowed) => {
    const inside = code.filter((path) => path.startsWith(`src/${room}/`));
    const strays = inside.flatMap((path) =>
      importsOf(path)
        .filter((target) => ![room, ...allowed].includes(roomOf(target)))
        .map((target) => `${path} -> ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test('config does not know that there is HTTP: it imports neither Express nor pino', () => {
    const inside = code.filter((path) => path.startsWith('src/config/'));
    const strays = inside.filter((path) => /from '(?:express|pino|helmet|cors)'/.test(read(path)));
    expect(strays).toEqual([]);
  });

  test('every import path inside the project carries its .ts', () => {
    const strays = [...code, ...filesBelow('tests')].filter((path) =>
      specifiersOf(path).some((specifier) => /^\.{1,2}\//.test(specifier) && !endsWell(specifier)),
    );
    expect(strays).toEqual([]);
  });
});

describe('what is done in one place', () => {
  const rules: [what: string, pattern: RegExp, places: string[]][] = [
    [
      'the environment is read',
      /\bprocess\s*(?:\?\.|\.)\s*env\b|\bprocess\[\s*['"`]env|\benv\b[^;]*\bfrom 'node:process'/,
      ['src/config/process-env.ts'],
    ],
    [
      'the process is ended or listened to',
      /\bprocess\s*\.\s*(?:exit|exitCode|abort|kill|on|once|addListener)\b/,
      ['src/cli.ts', 'src/server.ts'],
    ],
    ['the console is used', /\bconsole\s*\.\s*\w+/, ['src/cli.ts', 'src/server.ts']],
  ];

  test.each(rules)('%s nowhere else', (_what, pattern, places) => {
    expect(code.filter((path) => pattern.test(read(path))).sort()).toEqual(places);
  });
});

describe('the size and the looks', () => {
  test('no file in src, tests and scripts is over 200 lines', () => {
    const long = written.filter((path) => linesOf(path) > 200);
    expect(long.map((path) => `${path}: ${linesOf(path)}`)).toEqual([]);
  });

  test.each([
    ['src', 10_700],
    ['src/ops', 1_500],
  ])('all of %s is under %i lines', (folder, most) => {
    const inside = src.filter((path) => path.startsWith(`${folder}/`));
    expect(inside.reduce((sum, path) => sum + linesOf(path), 0)).toBeLessThan(most);
  });

  test('files and folders are kebab-case', () => {
    const isKebab = (part: string) => /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(part);
    const odd = written.filter(
      (path) => !path.split('/').every((part) => isKebab(part) || part === 'README.md'),
    );
    expect(odd).toEqual([]);
  });

  test('nothing is left to be done later', () => {
    const left = new RegExp(`\\b(?:${['TO', 'FIX'].join('DO|')}ME)\\b`);
    expect(written.filter((path) => left.test(read(path)))).toEqual([]);
  });

  test('no test is singled out', () => {
    const single = new RegExp(`\\b(?:test|it|describe)\\.${'on'}ly\\b`);
    expect(filesBelow('tests').filter((path) => single.test(read(path)))).toEqual([]);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(PROJECT, join(entry.parentPath, entry.name)));
}

function read(path: string): string {
  return readFileSync(join(PROJECT, path), 'utf8');
}

function linesOf(path: string): number {
  return read(path).split('\n').length - 1;
}

function specifiersOf(path: string): string[] {
  const pattern = /(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'([^']+)'/gm;
  return [...read(path).matchAll(pattern)].map(([, specifier = '']) => specifier);
}

/** The files of this project that a file imports, types and `import()` included. */
function importsOf(path: string): string[] {
  return specifiersOf(path)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => join(dirname(path), specifier));
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function endsWell(specifier: string): boolean {
  return /\.(?:ts|cjs|css|json)$/.test(specifier);
}
