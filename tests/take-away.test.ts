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
    path: '/api/greetings?name=Ada',
  },
  {
    folder: 'ops',
    path: '/ops/login',
  },
];

test.each(PARTS)('src/$folder can be taken away with one line of src/app.ts', async (part) => {
  const place = await mkdtemp(join(tmpdir(), 'strata-'));
  onTestFinished(() => rm(place, { recursive: true }));
  await Promise.all(
    COPIED.map((name) => cp(join(PROJECT, name), join(place, name), { recursive: true })),
  );
  await symlink(join(PROJECT, 'node_modules'), join(place, 'node_modules'));
  expect(await answerOf(place, part.path)).toBe(200);

  await rm(join(place, 'src', part.folder), { recursive: true });
  const file = join(place, 'src/app.ts');
  const lines = (await readFile(file, 'utf8')).split('\n');
  const others = lines.filter((line) => !line.includes(`'./${part.folder}/`));
  expect(lines.length - others.length).toBe(1);
  await writeFile(file, others.join('\n'));

  const types = run('npx', ['--no-install', 'tsc', '--noEmit'], { cwd: place });
  const tsc = await types.catch((error) => error);
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
