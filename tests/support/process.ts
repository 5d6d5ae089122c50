import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { place, type World } from './app.ts';

export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const PRELOAD = fileURLToPath(new URL('../../scripts/preload.cjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A world for a process of its own: `env` becomes APP_ENV. */
export interface ProcessWorld extends World {
  /** The folder to run in; a fresh one by default, so that no `.env` is found. */
  readonly cwd?: string;
}

/** Run `src/cli.ts` to its end. */
export async function runCli(args: readonly string[], world: ProcessWorld = {}): Promise<Ended> {
  return ended(start('src/cli.ts', args, world));
}

/** Start `src/server.ts` on a free port; the test's end kills it. */
export function startServer(world: ProcessWorld = {}): RunningServer {
  return new RunningServer(start('src/server.ts', [], world));
}

/** A server process and what it has said so far. */
export class RunningServer {
  readonly process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #hasEnded = false;
  #stdout = '';
  #stderr = '';

  constructor(process: ChildProcess) {
    this.process = process;
    this.#closed = once(process, 'close').then(() => {
      this.#hasEnded = true;
    });
    process.stdout?.on('data', (data: Buffer) => {
      this.#stdout += data;
    });
    process.stderr?.on('data', (data: Buffer) => {
      this.#stderr += data;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The address that it says it listens on, once it does. */
  async url(): Promise<string> {
    await this.said(/"url":"http/);
    return /"url":"(http:[^"]*)"/.exec(this.#stdout)?.[1] ?? '';
  }

  /** Wait until its standard output matches. @throws when it ends first */
  async said(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#stdout)) {
      if (this.#hasEnded) throw new Error(`it ended: ${this.#stderr}`);
      await Promise.race([once(this.process.stdout ?? this.process, 'data'), this.#closed]);
    }
  }

  async ended(): Promise<Ended> {
    await this.#closed;
    return { code: this.process.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }
}

function start(script: string, args: readonly string[], world: ProcessWorld): ChildProcess {
  const { instanceDir, secretsDir } = place(world);
  const child = spawn(process.execPath, ['--require', PRELOAD, `${PROJECT}${script}`, ...args], {
    cwd: world.cwd ?? instanceDir,
    env: {
      PATH: process.env['PATH'],
      INSTANCE_DIR: instanceDir,
      SECRETS_DIR: secretsDir,
      ...(world.env ? { APP_ENV: world.env } : {}),
      ...(script.includes('server') ? { PORT: '0' } : {}),
      ...world.vars,
    },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function ended(child: ChildProcess): Promise<Ended> {
  const server = new RunningServer(child);
  return server.ended();
}
