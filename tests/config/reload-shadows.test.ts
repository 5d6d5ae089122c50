import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { place, type World } from '../support/app.ts';
import { runCli } from '../support/process.ts';
import { makeConfig } from './make-config.ts';

async function running(world: World = {}) {
  const vars: Record<string, string> = { ...world.vars };
  const placed = place(world);
  const config = await makeConfig({ ...world, vars }, placed);
  const rotate = (name: string, text: string) =>
    writeFileSync(`${placed.secretsDir}/${name}`, text);
  return { config, vars, rotate, secretsDir: placed.secretsDir };
}

test('a rotated secret that a variable hides is reported, once, and changes nothing', async () => {
  const { config, rotate, secretsDir } = await running({
    vars: { APP_SECRET_KEY: 'from the variable' },
    secrets: { secret_key: 'from the file' },
  });
  rotate('secret_key', 'rotated');
  const source = `${secretsDir}/secret_key`;
  const shadowed = [{ key: 'SECRET_KEY', source, hiddenBy: 'env APP_SECRET_KEY' }];
  const nothing = { version: 1, changes: [], restartRequired: [] };
  expect(await config.reload({ dryRun: true })).toEqual({ ...nothing, shadowed });
  expect(await config.reload()).toEqual({ ...nothing, shadowed });
  expect(await config.reload()).toEqual({ ...nothing, shadowed: [] });
});

test('of a key that waits for a restart, a hidden change is reported once, too', async () => {
  const { config, vars, rotate } = await running({
    vars: { APP_HOST: '::1' },
    secrets: { host: 'a' },
  });
  vars['APP_HOST'] = '::2';
  rotate('host', 'b');
  const shadowed = [expect.objectContaining({ key: 'HOST', hiddenBy: 'env APP_HOST' })];
  expect(await config.reload()).toMatchObject({ restartRequired: ['HOST'], shadowed });
  expect(await config.reload()).toMatchObject({ restartRequired: ['HOST'], shadowed: [] });
});

test('a hidden secret that is new is reported', async () => {
  const { config, rotate } = await running({ vars: { REDIS_URL: 'redis://127.0.0.1:1' } });
  rotate('redis_url', 'redis://:pw@127.0.0.1:2');
  expect((await config.reload()).shadowed).toMatchObject([{ key: 'REDIS_URL' }]);
});

test('a secret that wins, or one that is taken away, is not hidden', async () => {
  const { config, vars, rotate } = await running({ secrets: { secret_key: 'one' } });
  rotate('secret_key', 'two');
  expect((await config.reload()).shadowed).toEqual([]);
  vars['APP_SECRET_KEY'] = 'from the variable';
  expect((await config.reload()).shadowed).toEqual([]);
  delete vars['APP_SECRET_KEY'];
  expect((await config.reload()).shadowed).toEqual([]);
});

test('of an object only what takes no effect counts', async () => {
  const { config, rotate } = await running({
    vars: { APP_RATE_LIMIT__MAX: '7' },
    secrets: { rate_limit: '{"MAX":5}' },
  });
  rotate('rate_limit', '{"MAX":6}');
  expect((await config.reload()).shadowed).toMatchObject([{ key: 'RATE_LIMIT' }]);
  rotate('rate_limit', '{"MAX":6,"WINDOW_SECONDS":30}');
  expect(await config.reload()).toMatchObject({ version: 2, shadowed: [] });
  expect(config.get('RATE_LIMIT')).toMatchObject({ MAX: 7, WINDOW_SECONDS: 30 });
});

test('what follows from another key is no rotation', async () => {
  const { config, vars } = await running({ env: 'development', vars: { LOG_LEVEL: 'warn' } });
  vars['APP_DEBUG'] = 'false';
  expect((await config.reload()).shadowed).toEqual([]);
});

const URL = 'postgres://app:one@db.internal/shop';
test.each([
  ['its password', 'postgres://app:t%20wo@db.internal/shop', []],
  ['its password as a parameter', 'postgres://app@db.internal/shop?password=two', []],
  ['its host', 'postgres://app:one@db2.internal/shop', ['DATABASE_URL']],
  ['its user', 'postgres://other:one@db.internal/shop', ['DATABASE_URL']],
  ['its host and its password', 'postgres://app:two@db2.internal/shop', ['DATABASE_URL']],
  ['its kind', 'sqlite:shop.db', ['DATABASE_URL']],
])('of DATABASE_URL, %s changed: %s waits for a restart', async (_, changed, restartRequired) => {
  const { config, vars } = await running({ vars: { DATABASE_URL: URL } });
  vars['DATABASE_URL'] = changed;
  const result = await config.reload();
  expect(result.changes.map(({ key }) => key)).toEqual(['DATABASE_URL']);
  expect(result.restartRequired).toEqual(restartRequired);
  const isLive = restartRequired.length === 0;
  expect(config.get('DATABASE_URL').reveal()).toBe(isLive ? changed : URL);
});

test.each([
  [['explain', 'SECRET_KEY'], 0],
  [['check-config'], 0],
])('%j tells of a secret whose value is not the one in use', async (args, code) => {
  const vars = { APP_SECRET_KEY: 'canary-one' };
  const ended = await runCli(args, { env: 'testing', vars, secrets: { secret_key: 'canary-two' } });
  expect(ended.code).toBe(code);
  expect(ended.stderr).toMatch(
    /^SECRET_KEY differs in \/\S+\/secret_key, still overridden by env APP_SECRET_KEY$/m,
  );
  expect(ended.stdout + ended.stderr).not.toContain('canary');
});

test('explain does not tell of a secret that is the same everywhere, nor of another key', async () => {
  const world = {
    env: 'testing',
    vars: { APP_SECRET_KEY: 'same' },
    secrets: { secret_key: 'same' },
  };
  expect((await runCli(['explain', 'SECRET_KEY'], world)).stderr).not.toContain('differs');
  expect((await runCli(['explain', 'PORT'], world)).stderr).not.toContain('differs');
});
