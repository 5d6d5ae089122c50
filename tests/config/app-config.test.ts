import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { place } from '../support/app.ts';
import { makeConfig } from './make-config.ts';

test('get gives typed values, and a secret only through reveal', async () => {
  const it = await makeConfig({
    vars: { PORT: '81', SECRET_KEY: 'a-secret', APP_CORS_ORIGINS: '[]' },
  });
  expect([it.get('PORT'), it.get('CORS_ORIGINS'), it.get('SERVER_NAME')]).toEqual([
    81,
    [],
    undefined,
  ]);
  expect(it.get('SECRET_KEY').reveal()).toBe('a-secret');
  expect(it.get('SECRET_KEY_FALLBACKS').reveal()).toEqual([]);
  expect(it.get('DATABASE_URL').reveal()).toBe('sqlite::memory:');
  expect(it.get('REDIS_URL')).toBeUndefined();
});

test.each(['NOPE', 'toString', '__proto__', 'constructor', 'port', ''])(
  'a name that is no key is refused by every question: %j',
  async (name) => {
    const it = await makeConfig();
    const key = name as 'PORT';
    for (const ask of [() => it.get(key), () => it.origin(key), () => it.explain(key)]) {
      expect(ask).toThrow(RangeError);
    }
  },
);

test('a name that is near a key is answered with that key', async () => {
  const it = await makeConfig();
  expect(() => it.get('PROT' as 'PORT')).toThrow(
    'PROT is not a configuration key; did you mean PORT?',
  );
});

test('the snapshot is frozen at every depth and stays one object', async () => {
  const it = await makeConfig({ overrides: { OPS_USERS: [], RATE_LIMIT: { LOGIN: { MAX: 5 } } } });
  const { snapshot } = it;
  expect(it.snapshot).toBe(snapshot);
  const parts = [snapshot, snapshot.RATE_LIMIT, snapshot.RATE_LIMIT.LOGIN, snapshot.CORS_ORIGINS];
  expect(parts.map(Object.isFrozen)).toEqual([true, true, true, true]);
  expect(Object.isFrozen(snapshot.OPS_USERS.reveal())).toBe(true);
  expect(() => Object.assign(snapshot, { PORT: 1 })).toThrow(TypeError);
  expect(() => Object.assign(snapshot.RATE_LIMIT.LOGIN, { MAX: 1 })).toThrow(TypeError);
  expect(it.get('RATE_LIMIT').LOGIN.MAX).toBe(5);
});

test('changing the object that overrides came from does not change the configuration', async () => {
  const overrides = { RATE_LIMIT: { LOGIN: { MAX: 5 } } };
  const it = await makeConfig({ overrides });
  overrides.RATE_LIMIT.LOGIN.MAX = 6;
  expect(it.get('RATE_LIMIT').LOGIN.MAX).toBe(5);
});

test('origin names the layer and the place of the winner', async () => {
  const world = {
    secrets: { app_name: 'x' },
    vars: { PORT: '81', APP_DEBUG: '1', LOG_LEVEL: 'warn' },
    dotenvNames: ['LOG_LEVEL'],
    overrides: { HOST: '::1' },
  };
  const placed = place(world);
  const it = await makeConfig(world, placed);
  const keys = ['APP_NAME', 'PORT', 'DEBUG', 'LOG_LEVEL', 'HOST', 'CSP', 'REDIS_URL'] as const;
  expect(Object.fromEntries(keys.map((key) => [key, it.origin(key)]))).toEqual({
    APP_NAME: { layer: 'secret-files', source: `${placed.secretsDir}/app_name` },
    PORT: { layer: 'env', source: 'env PORT' },
    DEBUG: { layer: 'app-env', source: 'env APP_DEBUG' },
    LOG_LEVEL: { layer: 'env', source: '.env LOG_LEVEL' },
    HOST: { layer: 'override', source: 'override' },
    CSP: { layer: 'class', source: 'TestingConfig' },
    REDIS_URL: undefined,
  });
});

test('explain shows each layer’s own say, highest first, a fingerprint beside secrets alone', async () => {
  const it = await makeConfig({
    vars: {
      APP_RATE_LIMIT__MAX: '5',
      DATABASE_URL: 'postgres://u:hunter2@db.example/shop',
    },
  });
  expect(it.explain('RATE_LIMIT')).toEqual([
    { layer: 'app-env', source: 'env APP_RATE_LIMIT__MAX', value: { MAX: 5 } },
    {
      layer: 'class',
      source: 'TestingConfig',
      value: { WINDOW_SECONDS: 60, MAX: 300, LOGIN: { WINDOW_SECONDS: 900, MAX: 10 } },
    },
  ]);
  const mark = expect.stringMatching(/^[0-9a-f]{8}$/);
  expect(it.explain('DATABASE_URL')).toEqual([
    {
      layer: 'env',
      source: 'env DATABASE_URL',
      value: 'postgres://***@db.example/shop',
      fingerprint: mark,
    },
    { layer: 'class', source: 'TestingConfig', value: 'sqlite::memory:', fingerprint: mark },
  ]);
  expect(it.explain('REDIS_URL')).toEqual([]);
});

test('fingerprints compare secrets between replicas that share a key, and only those', async () => {
  const mark = async (SECRET_KEY: string, OPS_USERS: string) =>
    (await makeConfig({ vars: { SECRET_KEY, SECRET_KEY_FALLBACKS: OPS_USERS } })).explain(
      'SECRET_KEY_FALLBACKS',
    )[0]?.fingerprint;
  const [one, same, other, elsewhere] = [
    await mark('key-1', '["a"]'),
    await mark('key-1', '["a"]'),
    await mark('key-1', '["b"]'),
    await mark('key-2', '["a"]'),
  ];
  expect(same).toBe(one);
  expect(new Set([one, other, elsewhere]).size).toBe(3);
});

test('masked is a flat record of every key, sorted', async () => {
  const it = await makeConfig({ vars: { APP_NAME: 'Shop' } });
  const masked = it.masked();
  expect(masked).toMatchObject({
    APP_NAME: 'Shop',
    ENV: 'testing',
    SECRET_KEY: '***',
    SECRET_KEY_FALLBACKS: '***',
    OPS_USERS: '***',
    DATABASE_URL: 'sqlite::memory:',
    PORT: 0,
  });
  expect(Object.keys(masked)).toEqual(Object.keys(masked).sort());
});

test('sources tell each layer’s status, age and attempts', async () => {
  const world = { instance: { 'config.toml': '[default]\nPORT = 81' }, vars: { HOST: '::1' } };
  const placed = place(world);
  const it = await makeConfig(world, placed);
  const told = it.sources();
  expect(told.map(({ layer, source, status, keys }) => [layer, source, status, keys])).toEqual([
    ['class', 'TestingConfig', 'fresh', expect.any(Number)],
    ['instance', `${placed.instanceDir}/config.toml`, 'fresh', 1],
    ['instance', `${placed.instanceDir}/config.ts`, 'absent', 0],
    ['secret-files', placed.secretsDir, 'fresh', 0],
    ['aws', 'aws', 'off', 0],
    ['vault', 'vault', 'off', 0],
    ['env', 'environment variables', 'fresh', 1],
    ['app-env', 'APP_* variables', 'absent', 0],
    ['override', 'override', 'fresh', 1],
  ]);
  for (const { ageSeconds, attempts } of told) {
    expect({ ageSeconds, attempts }).toEqual({
      ageSeconds: expect.any(Number),
      attempts: expect.any(Number),
    });
  }
});

test('however the configuration is printed, it is masked', async () => {
  const it = await makeConfig({ vars: { SECRET_KEY: 'hunter2-hunter2', APP_NAME: 'Shop' } });
  const texts = [
    JSON.stringify(it),
    JSON.stringify({ it }),
    inspect(it),
    inspect({ a: { b: { c: { it } } } }, { depth: Number.POSITIVE_INFINITY }),
    inspect(it, { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true }),
    `${it}`,
    format('%s %o %O %j', it, it, it, it),
  ];
  for (const text of texts) {
    expect(text).toContain('Shop');
    expect(text).toContain('***');
    expect(text).not.toContain('hunter2');
  }
  const bare = inspect(it, { customInspect: false, showHidden: true, getters: true, depth: 9 });
  expect(bare).not.toContain('hunter2');
});
