import { expect, test } from 'vitest';
import { checkGate } from '../../src/config/gate.ts';
import { loadWorld, makeApp, PRODUCTION_VARS, type World } from '../support/app.ts';

const LONG = 'Zk3vT0pQ8sLx1wYb5nRc7mHd2fJg9aUe';
const short = LONG.slice(0, 31);

const REFUSED: readonly (readonly [name: string, key: string, vars: Record<string, string>])[] = [
  ['no SECRET_KEY', 'SECRET_KEY', { SECRET_KEY: '' }],
  ['no DATABASE_URL', 'DATABASE_URL', { DATABASE_URL: '' }],
  ['a signing secret of 31 bytes', 'SECRET_KEY', { SECRET_KEY: short }],
  [
    'an earlier signing secret of 31 bytes',
    'SECRET_KEY_FALLBACKS',
    { SECRET_KEY_FALLBACKS: JSON.stringify([LONG, short]) },
  ],
  ['the placeholder of development', 'SECRET_KEY', { SECRET_KEY: 'dev-insecure-key' }],
  ['a placeholder made long', 'SECRET_KEY', { SECRET_KEY: 'dev-insecure-key-dev-insecure-key' }],
  [
    'a placeholder in capitals',
    'SECRET_KEY',
    { SECRET_KEY: 'CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE' },
  ],
  ['a placeholder as password', 'DATABASE_URL', { DATABASE_URL: 'postgres://app:changeme@db/app' }],
  [
    'a placeholder as password parameter',
    'DATABASE_URL',
    { DATABASE_URL: 'postgres://db/app?user=app&password=change-me' },
  ],
  ['a placeholder as Redis password', 'REDIS_URL', { REDIS_URL: 'redis://:change-me@cache' }],
  [
    'a placeholder as signing key',
    'OPS_SIGNING_KEYS',
    {
      OPS_SIGNING_KEYS: JSON.stringify([
        { id: 'ci', key: `whsec_${'changeme'.repeat(5)}`, role: 'admin' },
      ]),
    },
  ],
  ['DEBUG', 'DEBUG', { APP_DEBUG: 'true' }],
  ['TESTING', 'TESTING', { APP_TESTING: '1' }],
  ['CSRF_ENABLED off', 'CSRF_ENABLED', { APP_CSRF_ENABLED: 'off' }],
  ['cookies that are not Secure', 'SESSION_COOKIE_SECURE', { APP_SESSION_COOKIE_SECURE: 'no' }],
  [
    'cookies that scripts can read',
    'SESSION_COOKIE_HTTPONLY',
    { APP_SESSION_COOKIE_HTTPONLY: '0' },
  ],
  [
    'cookies that other sites send',
    'SESSION_COOKIE_SAMESITE',
    { APP_SESSION_COOKIE_SAMESITE: 'None' },
  ],
];

test.each(
  REFUSED.flatMap(([name, key, vars]) =>
    ['staging', 'production'].map((env) => [name, env, key, vars] as const),
  ),
)('%s is refused in %s', async (_name, env, key, vars) => {
  const { problems } = await loadWorld({ env, vars: { ...PRODUCTION_VARS, ...vars } });
  expect(problems.map((problem) => problem.key)).toEqual([key]);
  for (const value of Object.values(vars).filter((text) => text.length > 8)) {
    expect(JSON.stringify(problems)).not.toContain(value);
  }
});

test.each(
  REFUSED.flatMap(([name, , vars]) =>
    ['development', 'testing'].map((env) => [name, env, vars] as const),
  ),
)('%s is no fault in %s', async (_name, env, vars) => {
  const { problems } = await loadWorld({ env, vars: { ...PRODUCTION_VARS, ...vars } });
  expect(problems).toEqual([]);
});

test.each(['staging', 'production'])('what %s needs is two values', async (env) => {
  const app = await makeApp({ env, vars: PRODUCTION_VARS });
  expect([app.get('env'), app.locals.config.warnings()]).toEqual([env, []]);
});

test.each(['SECRET_KEY', 'DATABASE_URL', 'REDIS_URL', 'OPS_USERS'])(
  '%s is refused where the source code gives it, in staging and production alone',
  (key) => {
    const ask = (environment: 'testing' | 'staging' | 'production', layer: 'class' | 'instance') =>
      checkGate(
        environment,
        { [key]: key === 'OPS_USERS' ? [{}] : LONG },
        new Map([[key, [{ layer, source: 'ProductionConfig', key, value: LONG }]]]),
      ).problems.map((problem) => [problem.key, problem.reason]);
    const refused = [[key, 'comes from the source code, which is no place for it']];
    expect([ask('testing', 'class'), ask('staging', 'class'), ask('production', 'class')]).toEqual([
      [],
      refused,
      refused,
    ]);
    expect(ask('production', 'instance')).toEqual([]);
  },
);

test('a signing secret counts in bytes, and 32 are enough', async () => {
  for (const SECRET_KEY of [LONG, 'é'.repeat(16)]) {
    const vars = { ...PRODUCTION_VARS, SECRET_KEY };
    expect((await loadWorld({ env: 'production', vars })).problems).toEqual([]);
  }
});

test('a refusal names the origin, what it shadows and what to do', async () => {
  const { problems } = await loadWorld({
    env: 'production',
    instance: { 'config.toml': '[default]\nDEBUG = false' },
    vars: { ...PRODUCTION_VARS, APP_DEBUG: 'true' },
  });
  expect(problems).toEqual([
    {
      key: 'DEBUG',
      reason: 'is on, which is unsafe here',
      origin: 'env APP_DEBUG',
      shadows: [expect.stringMatching(/\/config\.toml$/), 'ProductionConfig'],
      remedy: 'set it to false',
    },
  ]);
});

test('all problems are reported together: of sources, types, unknown names and the gate', async () => {
  const world: World = {
    env: 'production',
    instance: { 'config.toml': 'broken', 'config.ts': 'export default { TELEPORT: 1 };' },
    vars: {
      SECRET_KEY: 'short',
      PORT: 'abc',
      APP_RATE_LIMIT__MAX: '0',
      APP_DEBUG: 'true',
      APP_CSRF_ENABLED: 'false',
      APP_RATE_LIMIT____X: '1',
      SESSION_STORE: 'redis',
    },
  };
  const { problems } = await loadWorld(world);
  expect(problems.map(({ key }) => key).sort()).toEqual([
    'CSRF_ENABLED',
    'DATABASE_URL',
    'DEBUG',
    'PORT',
    'RATE_LIMIT',
    'RATE_LIMIT.MAX',
    'REDIS_URL',
    'SECRET_KEY',
    'TELEPORT',
    'config.toml',
  ]);
  const failure = makeApp(world);
  await expect(failure).rejects.toThrow('The configuration for production has 10 problems:');
  for (const { key, reason } of problems) {
    await expect(failure).rejects.toThrow(`  ${key} ${reason}\n`);
  }
});

test('the gate also speaks where a type is wrong', async () => {
  const vars = { ...PRODUCTION_VARS, PORT: '-1', APP_DEBUG: 'true', SECRET_KEY: 'short' };
  const { problems } = await loadWorld({ env: 'production', vars });
  expect(problems.map(({ key }) => key).sort()).toEqual(['DEBUG', 'PORT', 'SECRET_KEY']);
});

test.each([
  ['staging', 1],
  ['production', 1],
  ['development', 0],
  ['testing', 0],
])('sessions in memory are warned of in %s', async (env, count) => {
  const vars = { ...PRODUCTION_VARS, SESSION_STORE: 'memory' };
  const { problems, warnings } = await loadWorld({ env, vars });
  expect([problems, warnings.length]).toEqual([[], count]);
});

test.each(['true', 'loopback', '-1', '1.5', '[1]'])(
  'TRUST_PROXY_HOPS is a number anywhere: %s is refused',
  async (text) => {
    for (const env of ['development', 'testing']) {
      const { problems } = await loadWorld({ env, vars: { APP_TRUST_PROXY_HOPS: text } });
      expect(problems.map(({ key }) => key)).toEqual(['TRUST_PROXY_HOPS']);
    }
  },
);

test('sessions in Redis need its URL, anywhere', async () => {
  const without = await loadWorld({ vars: { SESSION_STORE: 'redis' } });
  const withIt = await loadWorld({ vars: { SESSION_STORE: 'redis', REDIS_URL: 'redis://cache' } });
  expect(without.problems.map(({ key }) => key)).toEqual(['REDIS_URL']);
  expect(withIt.problems).toEqual([]);
});
