import { chmodSync, mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadWorld, PRODUCTION_VARS, place, placeFiles, temporaryFolder } from '../support/app.ts';

test.each([
  ['testing', 'of testing'],
  ['development', 'of all'],
  ['staging', 'of staging'],
])('in %s config.toml gives the table [default] and its own over it', async (env, name) => {
  const text = [
    ...['[default]', 'APP_NAME = "of all"', 'RATE_LIMIT.MAX = 5'],
    ...['[testing]', 'APP_NAME = "of testing"', 'RATE_LIMIT.LOGIN.MAX = 6'],
    ...['[staging]', 'APP_NAME = "of staging"', 'RATE_LIMIT.LOGIN.MAX = 6'],
  ].join('\n');
  const { values } = await loadWorld({ env, instance: { 'config.toml': text } });
  expect([values['APP_NAME'], values['RATE_LIMIT']]).toEqual([
    name,
    {
      WINDOW_SECONDS: 60,
      MAX: 5,
      LOGIN: { WINDOW_SECONDS: 900, MAX: env === 'development' ? 10 : 6 },
    },
  ]);
});

test('config.toml gives every kind of value', async () => {
  const text = `[default]
    APP_NAME = "0123"
    PORT = 81
    DEBUG = false
    CORS_ORIGINS = ["https://a.example"]
    FEATURE_SIGNUP_V2 = { rollout = 12.5 }
    OPS_NETWORKS = []`;
  const { values, problems } = await loadWorld({ instance: { 'config.toml': text } });
  expect(problems).toEqual([]);
  expect(values).toMatchObject({
    APP_NAME: '0123',
    PORT: 81,
    DEBUG: false,
    CORS_ORIGINS: ['https://a.example'],
    FEATURE_SIGNUP_V2: { rollout: 12.5 },
    OPS_NETWORKS: [],
  });
});

test.each([
  ['a broken line', '[default]\nPORT = \nDEBUG = true', 'is not valid TOML in line 2'],
  ['a key twice', '[default]\nPORT = 1\nPORT = 2', 'is not valid TOML in line 3'],
  ['a key outside of tables', 'PORT = 1', 'has something outside of its tables'],
  [
    'a misspelled table',
    '[prodution]\nPORT = 1',
    'has a table that is not known; did you mean [production]?',
  ],
  ['a list of tables', '[[default]]\nPORT = 1', expect.any(String)],
  ['a date', '[default]\nAPP_NAME = 2026-01-01', 'holds something other than plain data'],
])('config.toml with %s is refused, naming the file', async (_, text, reason) => {
  const placed = place({ instance: { 'config.toml': text } });
  const { problems } = await loadWorld({}, placed);
  expect(problems).toMatchObject([
    {
      key: 'config.toml',
      reason,
      origin: `${placed.instanceDir}/config.toml`,
      remedy: expect.any(String),
    },
  ]);
});

test('a folder without files is fine, and a missing default folder too', async () => {
  expect((await loadWorld({ instance: {} })).problems).toEqual([]);
});

test('INSTANCE_DIR names another folder, and the option beats it', async () => {
  const folder = (name: string) => placeFiles({ 'config.toml': `[default]\nAPP_NAME = "${name}"` });
  const [one, other] = [folder('one'), folder('other')];
  const secretsDir = temporaryFolder();
  const load = async (instanceDir: string | undefined) => {
    const { loadConfig } = await import('../../src/config/load.ts');
    const loaded = await loadConfig({
      environment: 'testing',
      processEnv: { INSTANCE_DIR: one, SECRETS_DIR: secretsDir },
      dotenvNames: new Set(),
      instanceDir,
      overrides: {},
    });
    return loaded.values['APP_NAME'];
  };
  expect([await load(undefined), await load(other)]).toEqual(['one', 'other']);
});

test.each(['a missing folder', 'a file'])(
  'an instance folder that is %s is refused',
  async (kind) => {
    const placed = place({});
    const path = kind === 'a file' ? `${placeFiles({ a: '' })}/a` : '/nowhere/at/all';
    for (const env of ['development', 'testing']) {
      const { problems } = await loadWorld({ env }, { ...placed, instanceDir: path });
      expect(problems).toMatchObject([
        {
          key: 'INSTANCE_DIR',
          reason: 'names a folder that does not exist',
          remedy: 'create the folder, or unset INSTANCE_DIR to use instance/',
        },
      ]);
    }
  },
);

test('a folder in the place of a file is refused, not passed over', async () => {
  const placed = place({});
  mkdirSync(`${placed.instanceDir}/config.toml`);
  const { problems } = await loadWorld({}, placed);
  expect(problems.map(({ key, reason }) => [key, reason])).toEqual([
    ['config.toml', 'cannot be read'],
  ]);
});

test('instance files that others can read are warned of in production alone', async () => {
  const placed = place({ instance: { 'config.toml': '', 'config.ts': 'export default {};' } });
  const warned = async (env: string) =>
    (await loadWorld({ env, vars: PRODUCTION_VARS }, placed)).warnings.map(({ key }) => key);
  expect(await warned('production')).toEqual([]);
  chmodSync(placed.instanceDir, 0o755);
  chmodSync(`${placed.instanceDir}/config.toml`, 0o644);
  expect([
    await warned('production'),
    await warned('staging'),
    await warned('development'),
  ]).toEqual([['config.toml'], ['config.toml'], []]);
});
