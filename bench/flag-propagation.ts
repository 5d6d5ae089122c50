import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hashPassword } from '../src/config/password.ts';
import { lacksPostgres, startPostgres } from '../tests/support/postgres.ts';
import { freePort, saysOf } from '../tests/support/redis.ts';
import { print } from './report.ts';
import { PROGRAMS, type Started, startServer, stop } from './servers.ts';

const REPLICAS = 4;
const TOGGLES = 200;
const FLAG = 'FEATURE_SIGNUP_V2';
const PASSWORD = 'a password of the bench';
const agent = new Agent({ keepAlive: true });

/** Toggle a flag on one of four replicas, and print when all four had answered the new value. */
export async function benchPropagation(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-bench-'));
  const rows: [string, string][] = [];
  try {
    if (spawnSync('redis-server', ['--version']).status === 0) {
      const port = await freePort();
      const redis = await startRedis(port, folder);
      const vars = { FLAGS_STORE: 'redis', REDIS_URL: `redis://127.0.0.1:${port}/0` };
      rows.push(['Redis', describe(await measure(folder, vars))]);
      redis.kill('SIGKILL');
    }
    if (!lacksPostgres) {
      const postgres = await startPostgres();
      rows.push(['PostgreSQL', describe(await measure(folder, { DATABASE_URL: postgres.url() }))]);
      await postgres.remove();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  print(
    `From a toggle's request until all of ${REPLICAS} replicas answer it (${TOGGLES} toggles)`,
    rows,
  );
}

async function measure(folder: string, vars: Record<string, string>): Promise<number[]> {
  const operator = { username: 'ada', passwordHash: await hashPassword(PASSWORD), role: 'admin' };
  const env = {
    APP_ENV: 'development',
    INSTANCE_DIR: folder,
    OPS_USERS: JSON.stringify([operator]),
    SESSION_STORE: 'memory',
    LOG_LEVEL: 'warn',
    APP_RATE_LIMIT__MAX: '1000000',
    ...vars,
  };
  const replicas: Started[] = [];
  while (replicas.length < REPLICAS) {
    replicas.push(await startServer(PROGRAMS.strata, folder, env));
  }
  const ports = replicas.map(({ port }) => port);
  const pass = await logIn(ports[0] ?? 0);
  const times: number[] = [];
  for (let at = 0; at < TOGGLES; at += 1) {
    const value = at % 2 === 0;
    const start = performance.now();
    const toggle = send(ports[0] ?? 0, `/ops/flags/${FLAG}`, pass, { value, reason: 'bench' });
    const seen = ports.map(async (port) => {
      while ((await send(port, '/signup-v2')).status !== (value ? 200 : 404)) await wait(4);
    });
    const [{ status, text }] = await Promise.all([toggle, ...seen]);
    times.push(performance.now() - start);
    if (status !== 200) throw new Error(`the toggle was refused: ${status} ${text}`);
  }
  await Promise.all(replicas.map(stop));
  return times;
}

function describe(times: readonly number[]): string {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]?.toFixed(1);
  return `median ${at(0.5)} ms, p99 ${at(0.99)} ms (under 100), slowest ${at(1)} ms`;
}

async function logIn(port: number): Promise<Record<string, string>> {
  const { headers, text } = await send(
    port,
    '/ops/login',
    {},
    { username: 'ada', password: PASSWORD },
  );
  const cookie = headers['set-cookie']?.map((one) => one.split(';')[0]).join('; ') ?? '';
  return { Cookie: cookie, 'X-CSRF-Token': JSON.parse(text).csrfToken };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function send(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  body?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const type = { 'Content-Type': 'application/json' };
    const options = {
      agent,
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { ...type, ...headers },
    };
    const asked = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (data: string) => {
        text += data;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    });
    asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function startRedis(port: number, folder: string): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const redis = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] });
  await saysOf(redis, /Ready to accept connections/);
  return redis;
}
