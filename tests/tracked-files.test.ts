import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT } from './support/process.ts';

const tracked = listFiles(['--cached']);
const wouldBeTracked = listFiles(['--cached', '--others', '--exclude-standard']);
const hasGit = tracked.length > 0;

/** Shapes of real secrets, at a real one's length: tests may show short or listed examples. */
const SHAPES: [name: string, pattern: RegExp][] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\n|[\sA-Za-z0-9+/=]){200,}/],
  ['an AWS key id', /\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}\b/],
  ['a JWT', /\beyJ[\w-]{17,}\.eyJ[\w-]{17,}\.[\w-]{40,}/],
  ['a token of GitHub, GitLab, Slack, Stripe or Vault', tokenPattern()],
];

// The long-secret rule is for what people fill in; tests make secrets up, locks hold checksums.
const ASSIGNED =
  /(?:secret|token|passw(?:or)?d|api_?key|private_?key)\w*["']?\s*[:=]\s*["']?([A-Za-z0-9+/_=-]{24,})/gi;
const MADE_UP = /^(?:tests\/|package-lock\.json$)/;

describe.skipIf(!hasGit && process.env['CI'] === undefined)('the tracked files (needs git)', () => {
  test('git knows the files', () => {
    expect(tracked).toContain('package.json');
  });

  test.each(SHAPES)('hold no %s', (_name, pattern) => {
    expect(wouldBeTracked.filter((path) => pattern.test(read(path)))).toEqual([]);
  });

  test('assign nothing that looks like a long secret to a name like SECRET or TOKEN', () => {
    const found = wouldBeTracked
      .filter((path) => !MADE_UP.test(path))
      .filter((path) => [...read(path).matchAll(ASSIGNED)].some(([, text = '']) => isRandom(text)));
    expect(found).toEqual([]);
  });

  test('hold neither .env nor secrets nor a real instance configuration', () => {
    const shown = ['instance/README.md', 'instance/config.example.ts'];
    const local = /^(?:\.env$|\.env\.(?!example)|secrets\/|instance\/)|\.(?:db|pem|key|p12|log)$/;
    const strays = wouldBeTracked.filter((path) => local.test(path) && !shown.includes(path));
    expect(strays).toEqual([]);
  });

  test.each([
    '.env',
    'secrets/secret_key',
    'instance/config.ts',
    'instance/config.toml',
    'instance/dev.db',
    'node_modules/x/index.js',
  ])('%s would be ignored', (path) => {
    expect(git(['check-ignore', '--quiet', '--no-index', path]).status).toBe(0);
  });

  test('every folder that a page makes secrets in would be ignored', () => {
    const pages = ['README.md', 'docs/deploy.md', 'docs/runbook.md'].map(read).join('\n');
    const folders = [...pages.matchAll(/npm run secrets -- ([\w./-]+)/g)].map(([, name]) => name);
    expect(folders).toContain('secrets/k8s');
    const shown = folders.filter((name) => {
      return git(['check-ignore', '--quiet', '--no-index', `${name}/secret_key`]).status !== 0;
    });
    expect(shown).toEqual([]);
  });

  test.each(['instance/README.md', 'instance/config.example.ts', '.env.example'])(
    '%s would not be ignored',
    (path) => {
      expect(git(['check-ignore', '--quiet', '--no-index', path]).status).toBe(1);
    },
  );
});

describe('package-lock.json', () => {
  const lock = read('package-lock.json');

  test('names no registry host, so that any mirror can serve it', () => {
    expect(lock.match(/"resolved"/g)).toBeNull();
    expect(lock.match(/https?:\/\/[^"]*registry[^"]*/g)).toBeNull();
    const addresses = [...lock.matchAll(/"([a-z]+)": "https?:\/\//g)].map(([, name]) => name);
    expect([...new Set(addresses)].filter((name) => name !== 'url')).toEqual([]);
  });

  test('holds a checksum for every package', () => {
    const { packages } = JSON.parse(lock) as { packages: Record<string, { integrity?: string }> };
    const bare = Object.entries(packages).filter(([path, entry]) => path && !entry.integrity);
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  test('is of the exact versions that package.json pins', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));
    const pinned: Record<string, string> = { ...dependencies, ...devDependencies };
    const { packages } = JSON.parse(lock);
    const locked = Object.keys(pinned).map((name) => [
      name,
      packages[`node_modules/${name}`].version,
    ]);
    expect(Object.fromEntries(locked)).toEqual(pinned);
  });
});

function git(args: string[]) {
  return spawnSync('git', ['-c', 'safe.directory=*', ...args], { cwd: PROJECT, encoding: 'utf8' });
}

function listFiles(flags: string[]): string[] {
  const { status, stdout } = git(['ls-files', '-z', ...flags]);
  if (status !== 0) return [];
  return stdout.split('\0').filter((path) => path !== '' && existsSync(join(PROJECT, path)));
}

function read(path: string): string {
  return readFileSync(join(PROJECT, path), 'utf8');
}

// Words joined by - or _ are names; a random text mixes letters and digits.
function isRandom(text: string): boolean {
  return /\d/.test(text) && /[a-z]/i.test(text) && new Set(text).size >= 12;
}

function tokenPattern(): RegExp {
  return /\b(?:gh[pousr]_\w{36}|glpat-[\w-]{20}|xox[abprs]-[\w-]{20,}|sk_live_\w{20,}|hvs\.[\w-]{60,})/;
}
