import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './app.ts';

const PASSWORD = 'redis-password-of-tests';

/** Whether tests that need Redis are left out, by name. CI has it, or fails. */
export const lacksRedis =
  spawnSync('redis-server', ['--version']).status !== 0 && process.env['CI'] === undefined;

/** A port that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}

/** A Redis server of the test's own, which ends with it. */
export class RedisServer {
  readonly port: number;
  readonly password = PASSWORD;
  readonly #folder = temporaryFolder();
  #process: ChildProcess | undefined;

  constructor(port: number) {
    this.port = port;
  }

  get url(): string {
    return `redis://:${PASSWORD}@127.0.0.1:${this.port}/0`;
  }

  /** The URL as it may be shown. */
  get maskedUrl(): string {
    return this.url.replace(`:${PASSWORD}`, '***');
  }

  /** Start it, for the first time or after its end: it forgets everything. */
  async start(): Promise<void> {
    const options = {
      bind: '127.0.0.1',
      port: String(this.port),
      requirepass: PASSWORD,
      dir: this.#folder,
      save: '',
      appendonly: 'no',
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#process = server;
    await saysOf(server, /Ready to accept connections/);
  }

  /** End it at once, as a crash would. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  /** Let it hang: it keeps its connections and answers nothing. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }
}

export async function startRedis(): Promise<RedisServer> {
  const redis = new RedisServer(await freePort());
  onTestFinished(() => redis.kill());
  await redis.start();
  return redis;
}

/** Wait until a process's output has a line; rejects when it ends before. */
export async function saysOf(child: ChildProcess, pattern: RegExp): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const listen = (data: Buffer) => {
      said += data;
      if (pattern.test(said)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`it did not start: ${said}`)));
  });
}
