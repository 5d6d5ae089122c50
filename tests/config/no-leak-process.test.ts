import { expect, test } from 'vitest';
import { placeFiles } from '../support/app.ts';
import { type ProcessWorld, runCli, startServer } from '../support/process.ts';
import { canary, leaksIn } from './canary.ts';

const SECRET = canary();
const quoted = JSON.stringify(SECRET);

/** A marked secret in every source that a process has, all of them in force or shadowed. */
function everySource(): ProcessWorld {
  const url = `postgres://user:${SECRET}@db.example/shop`;
  return {
    cwd: placeFiles({
      '.env': `SECRET_KEY_FALLBACKS='[${quoted}]'\nREDIS_URL=redis://:${SECRET}@cache.example/0`,
    }),
    instance: {
      'config.toml': `[default]\nSECRET_KEY = ${quoted}`,
      'config.ts': `export default { SECRET_KEY: ${quoted}, DATABASE_URL: '${url}' };`,
    },
    secrets: { secret_key: SECRET, database_url: url, somebody_elses: SECRET },
    vars: { SECRET_KEY: SECRET, APP_SECRET_KEY: SECRET, DATABASE_URL: url },
  };
}

/** The same, with a fault of every kind beside it. */
function everyFault(): ProcessWorld {
  const world = everySource();
  return {
    ...world,
    instance: {
      'config.toml': `[default]\nSECRET_KEY = ${SECRET}`,
      'config.ts': `export default {\n  SECRET_KEY: '${SECRET}\n};`,
    },
    vars: {
      ...world.vars,
      PORT: SECRET,
      REDIS_URL: SECRET,
      SECRET_KEY_FILE: SECRET,
      DATABASE_URL: `mysql://user:${SECRET}@db.example/shop`,
      APP_RATE_LIMIT: `{"${SECRET}": "${SECRET}"}`,
      APP_CORS_ORIGINS: `["${SECRET}"`,
      APP_OPS_USERS: `[{"username": ${quoted}}]`,
      APP__X: SECRET,
      APP_OTHER: SECRET,
      FEATURE_OTHER: SECRET,
    },
  };
}

const THROWS = { instance: { 'config.ts': `throw new Error(${quoted});` } };
const REJECTS = {
  instance: { 'config.ts': `Promise.reject(new Error(${quoted}));\nexport default {};` },
};
const WORLDS: Record<string, () => ProcessWorld> = {
  'every source': everySource,
  'every source in production': () => ({ ...everySource(), env: 'production' }),
  'every fault': everyFault,
  'every fault in production': () => ({ ...everyFault(), env: 'production' }),
  'a config.ts that throws': () => ({ ...everySource(), ...THROWS }),
  'a config.ts that rejects later': () => ({ ...everySource(), ...REJECTS }),
  'an APP_ENV that is no environment': () => ({ ...everySource(), env: SECRET }),
  'an APP_ENV in .env': () => ({ cwd: placeFiles({ '.env': `APP_ENV=${SECRET}` }) }),
};

const COMMANDS = [
  ['show-config', '--all', '--origin'],
  ['show-config', '--all', '--origin', '--json'],
  ['show-config', '--sources', '--json'],
  ['explain', 'SECRET_KEY'],
  ['explain', 'DATABASE_URL', '--json'],
  ['check-config'],
];

test.each(Object.entries(WORLDS))('the commands print no secret: %s', async (_, world) => {
  const runs = COMMANDS.map(async (command) => {
    const { code, stdout, stderr } = await runCli(command, world());
    return { command, said: (stdout + stderr).length > 0, ended: code !== null, stdout, stderr };
  });
  for (const { command, said, ended, stdout, stderr } of await Promise.all(runs)) {
    const seen = { command, said, ended, leaks: [leaksIn(stdout), leaksIn(stderr)] };
    expect(seen).toEqual({ command, said: true, ended: true, leaks: [[], []] });
  }
});

test.each(Object.entries(WORLDS).filter(([name]) => !name.startsWith('every source')))(
  'a server that cannot start prints no secret: %s',
  async (_, world) => {
    const { code, stdout, stderr } = await startServer(world()).ended();
    expect({ code, stdout, leaks: leaksIn(stderr) }).toEqual({ code: 1, stdout: '', leaks: [] });
    expect(stderr).not.toBe('');
  },
);

test('a server that starts on sources full of secrets logs none of them', async () => {
  const { vars, ...world } = everySource();
  const server = startServer({
    ...world,
    env: 'production',
    vars: { ...vars, DATABASE_URL: 'sqlite::memory:', APP_SHUTDOWN_DRAIN_MS: '0' },
  });
  await server.url();
  server.process.kill('SIGTERM');
  const { stdout, stderr } = await server.ended();
  expect(leaksIn(stdout + stderr)).toEqual([]);
});
