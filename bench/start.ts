import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { median, print } from './report.ts';
import { PROGRAMS, startServer, stop } from './servers.ts';

const ROUNDS = 15;

/** Time starts and commands side by side, alternating, and print medians and their ratios. */
export async function benchStart(folder: string): Promise<void> {
  const env = { INSTANCE_DIR: folder, LOG_LEVEL: 'warn' };
  const cases: [name: string, time: () => Promise<number>][] = [
    ['bare Express, first answer', () => firstAnswer(PROGRAMS.bare, folder, env)],
    ['Strata, first answer', () => firstAnswer(PROGRAMS.strata, folder, env)],
    ['node -e 0', () => runToEnd(PROGRAMS.nothing, folder, env)],
    ['show-config', () => runToEnd(PROGRAMS.cli, folder, env)],
  ];
  const times = new Map<string, number[]>(cases.map(([name]) => [name, []]));
  await fillCompileCache(folder, env);
  // The first round warms the disk and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, time] of cases) {
      const took = await time();
      if (round > 0) times.get(name)?.push(took);
    }
  }
  const [bare = 0, strata = 0, nothing = 0, cli = 0] = [...times.values()].map(median);
  print('From process start (ms, medians)', [
    ...[...times].map(([name, took]) => [name, median(took).toFixed(0)] as const),
    ['Strata / bare Express', `${(strata / bare).toFixed(2)} (at most 2)`],
    ['show-config / node -e 0', `${(cli / nothing).toFixed(2)} (at most 5)`],
  ]);
}

// It is written once the server is ready, or at an orderly end: sooner than that nothing is kept.
async function fillCompileCache(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { child } = await startServer(PROGRAMS.strata, folder, env);
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function firstAnswer(
  program: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const started = await startServer(program, folder, env);
  await stop(started);
  return started.took;
}

async function runToEnd(
  args: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const start = performance.now();
  const options = { env: { PATH: process.env['PATH'], ...env }, cwd: folder } as const;
  const child = spawn(process.execPath, args, { ...options, stdio: 'ignore' });
  await once(child, 'exit');
  return performance.now() - start;
}
