import { expect, test } from 'vitest';
import { loadWorld, makeApp, type World } from '../support/app.ts';

test.each([
  ['nothing', {}, 'development', { layer: 'class', source: 'default' }],
  ['NODE_ENV', { NODE_ENV: 'test' }, 'testing', { layer: 'env', source: 'env NODE_ENV' }],
  [
    'ENV before NODE_ENV',
    { ENV: 'staging', NODE_ENV: 'test' },
    'staging',
    { layer: 'env', source: 'env ENV' },
  ],
  [
    'APP_ENV before both',
    { APP_ENV: 'prod', ENV: 'staging', NODE_ENV: 'test' },
    'production',
    { layer: 'env', source: 'env APP_ENV' },
  ],
  [
    'NODE_ENV where ENV is a shell’s',
    { ENV: '/etc/profile', NODE_ENV: 'production' },
    'production',
    { layer: 'env', source: 'env NODE_ENV' },
  ],
  [
    'nothing where all are empty',
    { APP_ENV: '', ENV: '', NODE_ENV: '' },
    'development',
    { layer: 'class', source: 'default' },
  ],
])('%s chooses the environment', async (_, vars, name, origin) => {
  const { chosen, values, contributions } = await loadWorld({ env: null, vars });
  expect({ chosen, ENV: values['ENV'] }).toEqual({ chosen: { name, origin }, ENV: name });
  expect(contributions.get('ENV')).toEqual([{ key: 'ENV', value: name, ...origin }]);
});

test('the argument beats every variable, and origin says so', async () => {
  const vars = { APP_ENV: 'production', ENV: 'staging', NODE_ENV: 'production' };
  const app = await makeApp({ env: 'dev', vars });
  expect(app.locals.config.get('ENV')).toBe('development');
  expect(app.locals.config.origin('ENV')).toEqual({ layer: 'override', source: 'argument' });
  expect(app.get('env')).toBe('development');
});

test('the argument is used even where APP_ENV is nonsense', async () => {
  const { chosen } = await loadWorld({ env: 'testing', vars: { APP_ENV: 'nonsense' } });
  expect(chosen.name).toBe('testing');
});

test('an empty argument is refused, and never stands for another environment', async () => {
  await expect(loadWorld({ env: '' })).rejects.toMatchObject({
    problems: [{ reason: 'names no environment', remedy: expect.stringMatching(/^use one of/) }],
  });
});

test.each([
  ...['development', 'DEVELOPMENT', 'dev', 'Dev'].map((name) => [name, 'development'] as const),
  ...['testing', 'Testing', 'test', 'TEST'].map((name) => [name, 'testing'] as const),
  ...['staging', 'STAGING'].map((name) => [name, 'staging'] as const),
  ...['production', 'Production', 'prod', 'PROD'].map((name) => [name, 'production'] as const),
])('%s means %s, wherever it is said', async (text, name) => {
  const worlds: World[] = [
    { env: text },
    { env: null, vars: { APP_ENV: text } },
    { env: null, vars: { ENV: text } },
    { env: null, vars: { NODE_ENV: text } },
  ];
  for (const world of worlds) expect((await loadWorld(world)).chosen.name).toBe(name);
});

test.each([
  ['productoin', 'production'],
  ['stagin', 'staging'],
  ['develop', undefined],
  ['local', undefined],
  ['qa', undefined],
  ['hasOwnProperty', undefined],
  ['__proto__', undefined],
  [' ', undefined],
])('%j is no environment: the error lists the names and never falls back', async (text, near) => {
  const worlds: World[] = [
    { env: text },
    { env: null, vars: { APP_ENV: text } },
    { env: null, vars: { NODE_ENV: text } },
  ];
  for (const world of worlds) {
    await expect(loadWorld(world)).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [
        {
          reason: 'names no environment',
          remedy: expect.stringContaining(
            'use one of development, testing, staging, production (or dev, test, prod)',
          ),
        },
      ],
    });
    const hint = expect(loadWorld(world)).rejects;
    if (near === undefined) await hint.not.toThrow(/did you mean/);
    else await hint.toThrow(`did you mean ${near}?`);
  }
});

test.each<[string, World]>([
  ['config.toml', { instance: { 'config.toml': '[default]\nENV = "testing"' } }],
  ['config.ts', { instance: { 'config.ts': 'export default { ENV: "testing" };' } }],
  ['a secret file', { secrets: { env: 'testing' } }],
  ['a variable that is spelled another way', { vars: { APP_Env: 'testing' } }],
  ['an override', { overrides: { ENV: 'testing' } }],
])('ENV set by %s is an error in every environment', async (_, world) => {
  for (const env of ['development', 'testing']) {
    const { problems, values } = await loadWorld({ env, ...world });
    expect(values['ENV']).toBe(env);
    expect(problems).toMatchObject([
      {
        key: 'ENV',
        reason: 'is derived and cannot be set',
        origin: expect.stringMatching(/config|\/env$|env APP_Env|override/),
        remedy: 'take it out and set APP_ENV to choose the environment',
      },
    ]);
  }
});

test('each environment has its own class, and inherits the rest', async () => {
  const seen = await Promise.all(
    ['development', 'testing', 'staging', 'production'].map(async (env) => {
      const { values, contributions } = await loadWorld({ env });
      const { DEBUG, TESTING, HOST, PORT, SESSION_STORE, CSRF_ENABLED, LOG_LEVEL } = values;
      const origin = contributions.get('APP_NAME')?.[0]?.source;
      return [origin, DEBUG, TESTING, HOST, PORT, SESSION_STORE, CSRF_ENABLED, LOG_LEVEL];
    }),
  );
  expect(seen).toEqual([
    ['DevelopmentConfig', true, false, '127.0.0.1', 3000, 'database', true, 'debug'],
    ['TestingConfig', true, true, '127.0.0.1', 0, 'memory', false, 'silent'],
    ['StagingConfig', false, false, '0.0.0.0', 3000, 'database', true, 'info'],
    ['ProductionConfig', false, false, '0.0.0.0', 3000, 'database', true, 'info'],
  ]);
});

test.each([
  [{ APP_DEBUG: 'false' }, 'info'],
  [{ APP_TESTING: 'true' }, 'silent'],
  [{ APP_TESTING: 'true', LOG_LEVEL: 'warn' }, 'warn'],
  [{ APP_LOG_LEVEL: 'error' }, 'error'],
])('LOG_LEVEL follows TESTING and DEBUG unless it is set: %j', async (vars, level) => {
  const { values } = await loadWorld({ env: 'development', vars });
  expect(values['LOG_LEVEL']).toBe(level);
});
