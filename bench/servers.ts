import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../', import.meta.url));
const PRELOAD = ['--require', `${PROJECT}scripts/preload.cjs`];

/** How to start each program that is measured. */
export const PROGRAMS = {
  bare: [`${PROJECT}bench/bare-express.js`],
  usual: [`${PROJECT}bench/usual-express.js`],
  strata: [...PRELOAD, `${PROJECT}src/server.ts`],
  cli: [...PRELOAD, `${PROJECT}src/cli.ts`, 'show-config'],
  nothing: ['-e', '0'],
};

export interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  /** From the start of the process to its first answer (ms). */
  readonly took: number;
}

/** Start a server and wait for its first answer. */
export async function startServer(
  program: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Started> {
  const port = await freePort();
  const start = performance.now();
  const child = spawn(process.execPath, program, {
    env: { PATH: process.env['PATH'], ...env, PORT: String(port) },
    cwd: folder,
    stdio: 'ignore',
  });
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${program.at(-1)} ended before it answered`);
    await wait(1);
  }
  return { child, port, took: performance.now() - start };
}

/** End a server that was started here. */
export async function stop({ child }: Started): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
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
