import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median, print } from './report.ts';

const ROUNDS = 15;
const PROJECT = fileURLToPath(new URL('../', import.meta.url));
const PRELOAD = ['--require', `${PROJECT}scripts/preload.cjs`];

/** Time starts and commands side by side, alternating, and print medians and their ratios. */
export async function benchStart(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-bench-'));
  const env = { PATH: process.env['PATH'], INSTANCE_DIR: folder, LOG_LEVEL: 'warn' };
  const cases = {
    'bare Express, first answer': () => firstAnswer([`${PROJECT}bench/bare-express.js`], env),
    'Strata, first answer': () => firstAnswer([...PRELOAD, `${PROJECT}src/server.ts`], env),
    'node -e 0': () => runToEnd(['-e', '0'], env),
    'show-config': () => runToEnd([...PRELOAD, `${PROJECT}src/cli.ts`, 'show-config'], env),
  };
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, [] as number[]]));
  // The first round fills the compile cache and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, time] of Object.entries(cases)) {
      const took = await time();
      if (round > 0) times[name]?.push(took);
    }
  }
  rmSync(folder, { recursive: true });
  const of = (name: keyof typeof cases) => median(times[name] ?? []);
  print('From process start (ms, median)', [
    ...Object.keys(cases).map((name) => [name, of(name as keyof typeof cases).toFixed(0)] as const),
    ratio('Strata / bare Express', of('Strata, first answer'), of('bare Express, first answer'), 2),
    ratio('show-config / node -e 0', of('show-config'), of('node -e 0'), 5),
  ]);
}

function ratio(name: string, ours: number, theirs: number, limit: number) {
  return [name, `${(ours / theirs).toFixed(2)} (at most ${limit})`] as const;
}

async function runToEnd(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { env, cwd: env['INSTANCE_DIR'], stdio: 'ignore' });
  await once(child, 'exit');
  return performance.now() - start;
}

async function firstAnswer(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const port = await freePort();
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...env, PORT: String(port) },
    cwd: env['INSTANCE_DIR'],
    stdio: 'ignore',
  });
  while (!(await answers(port))) await wait(1);
  const took = performance.now() - start;
  child.kill();
  await once(child, 'exit');
  return took;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    request({ port, host: '127.0.0.1', path: '/livez', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on('error', () => resolve(false))
      .end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
