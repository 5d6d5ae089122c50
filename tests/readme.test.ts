import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/app.ts';
import { PROJECT } from './support/process.ts';

const README = readFileSync(join(PROJECT, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

test('every npm command that the README names is there, and every script is in the README', () => {
  const named = [...README.matchAll(/(?:^|[`$&] ?)npm (?:run (?:-s )?)?([a-z][a-z:-]*)/gm)].map(
    ([, name]) => name ?? '',
  );
  const own = new Set(named.filter((name) => !['ci', 'from'].includes(name)));
  const hooks = /^(?:pre|post)/;
  expect([...own].sort()).toEqual(
    Object.keys(scripts)
      .filter((name) => !hooks.test(name))
      .sort(),
  );
});

test('every file that the README links to is there', () => {
  const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path ?? '');
  expect(links.length).toBeGreaterThan(0);
  for (const path of links) expect(() => readFileSync(join(PROJECT, path))).not.toThrow();
});

test('the README tells why each dependency is there', () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(PROJECT, 'package.json'), 'utf8'),
  ) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const [, section = ''] = README.split('## What it stands on');
  const names = Object.keys({ ...dependencies, ...devDependencies });
  const missing = names.filter((name) => !name.startsWith('@types/') && !section.includes(name));
  expect(missing).toEqual([]);
});

test('a key, a layer and a route can be added as the README says', () => {
  const copy = copyProject();
  edit(copy, 'src/config/keys/core.ts', (text) => beforeLast(text, '} satisfies', 'add-key'));
  edit(copy, 'src/config/environments.ts', (text) =>
    text.replace("  APP_NAME = 'Strata';\n", (line) => line + recipe('add-default')),
  );
  writeFileSync(join(copy, 'src/config/layers/hostname.ts'), recipe('add-layer'));
  edit(copy, 'src/config/model.ts', (text) =>
    text.replace("  | 'class'\n", (line) => `${line}  | 'hostname'\n`),
  );
  edit(copy, 'src/config/layers.ts', (text) =>
    beforeLast(
      `import { hostnameLayer } from './layers/hostname.ts';\n${text}`,
      '];',
      'add-layer-entry',
    ),
  );
  edit(copy, 'src/app.ts', (text) =>
    text.replace('  app.use(notFound);\n', (line) => recipe('add-route') + line),
  );
  expect(run(copy, 'node_modules/.bin/tsc')).toEqual('');
  const shown = run(copy, 'src/cli.ts', 'show-config', 'GREETING', 'SERVER_NAME', '--origin');
  expect(shown).toContain('GREETING=Hey  # env GREETING > DevelopmentConfig');
  expect(shown).toMatch(/SERVER_NAME=\S+ {2}# hostname/);
  writeFileSync(join(copy, 'ask.ts'), ASK_HELLO);
  expect(run(copy, 'ask.ts')).toBe('{"hello":"Strata"}\n');
});

test('without the demo the app still serves', () => {
  const copy = copyProject();
  run(copy, '-e', "require('fs').rmSync('src/demo', { recursive: true })");
  edit(copy, 'src/app.ts', (text) => text.replace(/.*\.\/demo\/.*\n/, ''));
  expect(run(copy, 'node_modules/.bin/tsc')).toEqual('');
  writeFileSync(join(copy, 'ask.ts'), ASK_HELLO.replace('/hello', '/livez'));
  expect(run(copy, 'ask.ts')).toBe('{"status":"ok"}\n');
});

const ASK_HELLO = `
import { createApp } from './src/app.ts';
const app = await createApp('testing', { processEnv: {} });
const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address() as { port: number };
  console.log(await (await fetch(\`http://127.0.0.1:\${port}/hello\`)).text());
  server.close();
});
`;

function copyProject(): string {
  const copy = temporaryFolder();
  for (const name of ['src', 'scripts', 'package.json', 'tsconfig.json']) {
    cpSync(join(PROJECT, name), join(copy, name), { recursive: true });
  }
  mkdirSync(join(copy, 'instance'));
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function edit(copy: string, name: string, change: (text: string) => string): void {
  const path = join(copy, name);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

function beforeLast(text: string, anchor: string, name: string): string {
  const place = text.lastIndexOf(anchor);
  return text.slice(0, place) + recipe(name) + text.slice(place);
}

function recipe(name: string): string {
  const code = new RegExp(`\`\`\`ts ${name} [^\\n]*\\n([\\s\\S]*?)\`\`\``).exec(README)?.[1];
  expect(code).toBeDefined();
  return code ?? '';
}

function run(cwd: string, ...args: readonly string[]): string {
  const env = { PATH: process.env['PATH'], GREETING: 'Hey' };
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  return args[0]?.endsWith('tsc') ? stdout + stderr : stdout || stderr;
}
