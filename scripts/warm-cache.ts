import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Imports all that the app may ever import, what only some configurations need included, so that
// Node's compile cache holds it. Run with --require ./scripts/preload.cjs, which turns that on.
const PROJECT = join(import.meta.dirname, '..');
const { dependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

const ENTRIES = ['src/server.ts', 'src/cli.ts'];
const modules = globSync('src/**/*.ts', { cwd: PROJECT }).filter((path) => !ENTRIES.includes(path));
const packages = Object.keys(dependencies);

for (const path of modules) await import(pathToFileURL(join(PROJECT, path)).href);
for (const name of packages) await import(name);

// Entries act when they are imported, so each runs on its own: the server with a folder that is not
// there, which makes it refuse to start, the commands without one, which prints their list. One
// file outside the cache would cost a start 50 ms: Node would have to load its TypeScript parser.
const env = { APP_ENV: 'production', INSTANCE_DIR: join(PROJECT, 'nowhere') };
for (const entry of ENTRIES) {
  const args = ['--require', './scripts/preload.cjs', entry];
  spawnSync(process.execPath, args, { cwd: PROJECT, env, timeout: 30_000 });
}
console.log(
  `The compile cache holds ${modules.length + ENTRIES.length} modules of src and ` +
    `what ${packages.length} packages load.`,
);
