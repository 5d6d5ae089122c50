import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import { median, print } from './report.ts';
import { PROGRAMS, type Started, startServer, stop } from './servers.ts';

const ROUNDS = 5;
const SECONDS = 3;
const CONNECTIONS = 20;
const PATH = '/api/greetings?name=Ada';
// Linux counts processor time in hundredths of a second.
const MICROSECONDS_PER_TICK = 10_000;

interface Measured {
  readonly perSecond: number;
  readonly microseconds: number;
}

/** Ask a small JSON route of each server in turn, and print throughput and CPU per request. */
export async function benchRequests(folder: string): Promise<void> {
  const env = {
    APP_ENV: 'production',
    HOST: '127.0.0.1',
    INSTANCE_DIR: folder,
    DATABASE_URL: 'sqlite:bench.db',
    SECRET_KEY: 'a key of the bench that is long enough to be taken',
  };
  const programs = [PROGRAMS.bare, PROGRAMS.usual, PROGRAMS.strata];
  const servers: Started[] = [];
  for (const program of programs) servers.push(await startServer(program, folder, env));
  for (const server of servers) await measure(server);
  const rounds: Measured[][] = servers.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, server] of servers.entries()) rounds[index]?.push(await measure(server));
  }
  await Promise.all(servers.map(stop));

  const [bare = 0, usual = 0, strata = 0] = rounds.map((all) =>
    median(all.map(({ perSecond }) => perSecond)),
  );
  const names = ['bare Express', 'helmet + session + pino-http', 'Strata'];
  print(`GET ${PATH} (medians)`, [
    ...rounds.map((all, index) => [names[index] ?? '', describe(all)] as const),
    ['Strata / bare Express', `${(strata / bare).toFixed(2)} (at least 0.7)`],
    ['Strata / the usual stack', `${(strata / usual).toFixed(2)} (at least 1.6)`],
  ]);
}

function describe(all: readonly Measured[]): string {
  const perSecond = median(all.map((one) => one.perSecond)).toFixed(0);
  const microseconds = median(all.map((one) => one.microseconds)).toFixed(0);
  return `${perSecond} requests/s, ${microseconds} us CPU each`;
}

async function measure({ child, port }: Started): Promise<Measured> {
  const before = ticksOf(child.pid);
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${PATH}`,
    connections: CONNECTIONS,
    duration: SECONDS,
    workers: 1,
  });
  const ticks = ticksOf(child.pid) - before;
  return {
    perSecond: result.requests.average,
    microseconds: (ticks * MICROSECONDS_PER_TICK) / result.requests.total,
  };
}

// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
function ticksOf(pid: number | undefined): number {
  if (process.platform !== 'linux') return Number.NaN;
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return (user ?? 0) + (system ?? 0);
}
