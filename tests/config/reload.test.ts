import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/problem.ts';
import { place, type World } from '../support/app.ts';
import { makeConfig } from './make-config.ts';

const NOTHING_NEW = { version: 1, changes: [], restartRequired: [], shadowed: [] };

/** A configuration, and the variables that a test changes before a reload. */
async function running(world: World = {}) {
  const vars: Record<string, string> = { ...world.vars };
  const placed = place(world);
  const config = await makeConfig({ ...world, vars }, placed);
  return { config, vars, placed };
}

test('a reload that finds nothing new changes nothing', async () => {
  const { config } = await running();
  const before = config.snapshot;
  expect(await config.reload()).toEqual(NOTHING_NEW);
  expect(config.snapshot).toBe(before);
  expect(config.version).toBe(1);
});

test('a reload swaps in the new values, raises the version and tells what changed, masked', async () => {
  const { config, vars } = await running({ vars: { SECRET_KEY: 'hunter2' } });
  const before = config.snapshot;
  Object.assign(vars, { APP_NAME: 'Shop', SECRET_KEY: 'hunter3' });
  const result = await config.reload();
  const mark = expect.stringMatching(/^[0-9a-f]{8}$/);
  expect(result).toEqual({
    version: 2,
    changes: [
      {
        key: 'APP_NAME',
        before: { value: 'Strata' },
        after: { value: 'Shop' },
        origin: { layer: 'app-env', source: 'env APP_NAME' },
      },
      {
        key: 'SECRET_KEY',
        before: { value: '***', fingerprint: mark },
        after: { value: '***', fingerprint: mark },
        origin: { layer: 'env', source: 'env SECRET_KEY' },
      },
    ],
    restartRequired: [],
    shadowed: [],
  });
  expect(inspect(result, { depth: 9, showHidden: true })).not.toContain('hunter');
  expect([config.version, config.get('APP_NAME'), before.APP_NAME]).toEqual([2, 'Shop', 'Strata']);
  expect(config.get('SECRET_KEY').reveal()).toBe('hunter3');
});

test('the instance files are read again', async () => {
  const { config, placed } = await running({
    instance: { 'config.ts': 'export default { APP_NAME: "one" };' },
  });
  writeFileSync(`${placed.instanceDir}/config.ts`, 'export default { APP_NAME: "two" };');
  await config.reload();
  expect(config.get('APP_NAME')).toBe('two');
  writeFileSync(`${placed.instanceDir}/config.ts`, 'export default { APP_NAME: "one" };');
  writeFileSync(`${placed.instanceDir}/config.toml`, '[default]\nCSP = "x"');
  writeFileSync(`${placed.secretsDir}/secret_key`, 'rotated');
  await config.reload();
  expect([config.get('APP_NAME'), config.get('CSP'), config.version]).toEqual(['one', 'x', 3]);
  expect(config.get('SECRET_KEY').reveal()).toBe('rotated');
});

test('a dry run tells the difference and changes nothing', async () => {
  const { config, vars } = await running();
  const before = config.snapshot;
  vars['APP_NAME'] = 'Shop';
  const { version, changes } = await config.reload({ dryRun: true });
  expect([version, changes.map(({ key }) => key)]).toEqual([1, ['APP_NAME']]);
  expect(config.snapshot).toBe(before);
  expect(config.origin('APP_NAME')).toEqual({ layer: 'class', source: 'TestingConfig' });
});

test('keys that need a restart keep their running value and its origin, and are named', async () => {
  const { config, vars } = await running();
  Object.assign(vars, { PORT: '81', HOST: '::1' });
  const result = await config.reload();
  expect(result).toMatchObject({ version: 1, restartRequired: ['HOST', 'PORT'] });
  expect([config.get('PORT'), config.origin('PORT')?.source]).toEqual([0, 'TestingConfig']);
  vars['APP_NAME'] = 'Shop';
  expect(await config.reload()).toMatchObject({ version: 2, restartRequired: ['HOST', 'PORT'] });
  expect([config.get('PORT'), config.get('APP_NAME')]).toEqual([0, 'Shop']);
});

test('what follows from a key that needs a restart waits with it', async () => {
  const { config, vars } = await running({ env: 'development' });
  vars['APP_TESTING'] = 'true';
  expect(await config.reload()).toMatchObject({ version: 1, restartRequired: ['TESTING'] });
  expect([config.get('TESTING'), config.get('LOG_LEVEL')]).toEqual([false, 'debug']);
});

test('the environment does not change by a reload', async () => {
  const { config, vars } = await running({ env: null, vars: { APP_ENV: 'testing' } });
  vars['APP_ENV'] = 'development';
  expect(await config.reload()).toEqual(NOTHING_NEW);
  expect(config.get('ENV')).toBe('testing');
});

test.each([
  ['a wrong type', { APP_RATE_LIMIT: '5' }],
  ['broken JSON', { APP_CORS_ORIGINS: '[' }],
  ['a path of another kind', { APP_NAME: 'Shop', APP_PORT__X: '1' }],
])('a candidate with %s is refused and changes nothing', async (_, wrong) => {
  const { config, vars } = await running({ vars: { APP_NAME: 'Shop' } });
  const heard: unknown[] = [];
  config.onChange(['APP_NAME'], (keys) => heard.push(keys));
  const [before, sources] = [config.snapshot, config.sources()];
  Object.assign(vars, { APP_NAME: 'Other', APP_CSP: 'x' }, wrong);
  await expect(config.reload()).rejects.toBeInstanceOf(ConfigError);
  await expect(config.reload({ dryRun: true })).rejects.toBeInstanceOf(ConfigError);
  expect([config.snapshot, config.version, heard]).toEqual([before, 1, []]);
  expect(config.sources().map(({ loadedAt }) => loadedAt)).toEqual(
    sources.map(({ loadedAt }) => loadedAt),
  );
});

test('the gate refuses a candidate, too', async () => {
  const { config, vars } = await running({
    env: 'production',
    vars: { SECRET_KEY: 'x'.repeat(32), DATABASE_URL: 'sqlite::memory:' },
  });
  vars['APP_DEBUG'] = 'true';
  await expect(config.reload()).rejects.toThrow(/DEBUG is on/);
  expect(config.get('DEBUG')).toBe(false);
});

test('two reloads at once are one', async () => {
  const { config, vars } = await running();
  const heard: unknown[] = [];
  config.onChange(['APP_NAME'], (keys) => heard.push(keys));
  vars['APP_NAME'] = 'Shop';
  const [one, other] = await Promise.all([config.reload(), config.reload()]);
  expect(other).toBe(one);
  expect([config.version, heard]).toEqual([2, [['APP_NAME']]]);
});

test('two reloads that wait for a dry run are one as well', async () => {
  const { config, vars } = await running();
  const heard: unknown[] = [];
  config.onChange(['APP_NAME'], (keys) => heard.push(keys));
  vars['APP_NAME'] = 'Shop';
  await Promise.all([config.reload({ dryRun: true }), config.reload(), config.reload()]);
  expect([config.version, heard]).toEqual([2, [['APP_NAME']]]);
});

test('a reload is possible again after one that failed', async () => {
  const { config, vars } = await running({ vars: { APP_RATE_LIMIT: '{}' } });
  vars['APP_RATE_LIMIT'] = '5';
  await expect(Promise.all([config.reload(), config.reload()])).rejects.toThrow('RATE_LIMIT');
  vars['APP_RATE_LIMIT'] = '{"MAX":5}';
  expect(await config.reload()).toMatchObject({ version: 2 });
  expect(config.get('RATE_LIMIT').MAX).toBe(5);
});

test('a listener hears of its own keys alone, with the new values in place, until it ends', async () => {
  const { config, vars } = await running();
  const heard: unknown[] = [];
  const end = config.onChange(['APP_NAME', 'CSP'], (keys) => {
    heard.push([keys, config.get('APP_NAME'), config.version]);
  });
  config.onChange(['PORT'], () => heard.push('PORT'));
  Object.assign(vars, { APP_NAME: 'Shop', PORT: '81', APP_DEBUG: 'false' });
  await config.reload();
  end();
  vars['APP_NAME'] = 'Other';
  await config.reload();
  expect(heard).toEqual([[['APP_NAME'], 'Shop', 2]]);
});

test('one listener that fails does not keep the news from the others', async () => {
  const { config, vars } = await running();
  const heard: unknown[] = [];
  config.onChange(['APP_NAME'], () => {
    throw new Error('on purpose');
  });
  config.onChange(['APP_NAME'], (keys) => heard.push(keys));
  vars['APP_NAME'] = 'Shop';
  await expect(config.reload()).rejects.toThrow('a configuration listener failed');
  expect([heard, config.get('APP_NAME'), config.version]).toEqual([[['APP_NAME']], 'Shop', 2]);
});

test('a listener that fails is not called again by the reload that comes next', async () => {
  const { config, vars } = await running();
  let calls = 0;
  config.onChange(['APP_NAME'], () => {
    calls += 1;
    throw new Error('on purpose');
  });
  vars['APP_NAME'] = 'Shop';
  await expect(config.reload()).rejects.toThrow(AggregateError);
  expect(await config.reload()).toMatchObject({ version: 2, changes: [] });
  expect(calls).toBe(1);
});
