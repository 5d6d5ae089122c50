import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { OPERATORS } from './ops/door.ts';
import { PROJECT } from './support/process.ts';

const run = promisify(execFile);
const COPIED = ['src', 'scripts', 'package.json', 'tsconfig.json'];

/** What the README says to take away, and what is then not there any more. */
const PARTS = [
  {
    folder: 'demo',
    statements: { 'src/app.ts': /\n {2}app\.use\([^\n]*demo\/routes\.ts[^\n]*/ },
    path: '/api/greetings?name=Ada',
  },
  {
    folder: 'ops',
    statements: {
      'src/app.ts': /\n {2}app\.use\(\n {4}'\/ops',[\s\S]*?\n {2}\);/,
      'src/server.ts': /\n {2}const \{ welcome \}[^\n]*\n[^\n]*welcome\([^\n]*/,
    },
    path: '/ops/login',
  },
];

test.each(PARTS)('$folder can be taken away as the README says', async (part) => {
  const place = await mkdtemp(join(tmpdir(), 'strata-'));
  onTestFinished(() => rm(place, { recursive: true }));
  await Promise.all(
    COPIED.map((name) => cp(join(PROJECT, name), join(place, name), { recursive: true })),
  );
  await symlink(join(PROJECT, 'node_modules'), join(place, 'node_modules'));
  expect(await answerOf(place, part.path)).toBe(200);

  await rm(join(place, 'src', part.folder), { recursive: true });
  for (const [file, statement] of Object.entries(part.statements)) {
    const text = await readFile(join(place, file), 'utf8');
    expect(text).toMatch(statement);
    await writeFile(join(place, file), text.replace(statement, ''));
  }

  const strict = ['--noUnusedLocals', 'false', '--noEmit'];
  const tsc = await run('npx', ['--no-install', 'tsc', ...strict], { cwd: place }).catch(
    (error) => error,
  );
  expect(tsc.stdout).toBe('');
  expect(await answerOf(place, part.path)).toBe(404);
});

// Asked in a process of its own, which loads the copy.
async function answerOf(place: string, path: string): Promise<number> {
  const script = `
    import { createApp } from './src/app.ts';
    await using app = await createApp('testing', { processEnv: ${JSON.stringify({ OPS_USERS: JSON.stringify(OPERATORS) })} });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address();
    console.log((await fetch('http://127.0.0.1:' + port + '${path}')).status);
    server.close();`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, args, { cwd: place });
  return Number(stdout);
}
