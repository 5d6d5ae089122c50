import { expect, test } from 'vitest';
import type { Problem } from '../../src/config/model.ts';
import { loadWorld, PRODUCTION_VARS, place, type World } from '../support/app.ts';

const STRICT = ['staging', 'production'];
const ENVIRONMENTS = ['development', 'testing', ...STRICT];

/** What is said about unknown names, and where. */
async function told(env: string, world: World) {
  const vars = STRICT.includes(env) ? { ...PRODUCTION_VARS, ...world.vars } : (world.vars ?? {});
  const { problems, warnings } = await loadWorld({ env, ...world, vars });
  const about = (list: readonly Problem[]) =>
    list.filter(({ reason }) => /known/.test(reason)).map(({ key, remedy }) => [key, remedy]);
  return { problems: about(problems), warnings: about(warnings) };
}

const OURS: Record<string, (key: string) => World> = {
  'config.toml': (key) => ({ instance: { 'config.toml': `[default]\n${key} = 1` } }),
  'config.ts': (key) => ({ instance: { 'config.ts': `export default { ${key}: 1 };` } }),
  'APP_*': (key) => ({ vars: { [`APP_${key}`]: '1' } }),
  overrides: (key) => ({ overrides: { [key]: 1 } }),
};

test.each(
  Object.entries(OURS).flatMap(([layer, world]) =>
    ENVIRONMENTS.map((env) => [layer, env, world] as const),
  ),
)('an unknown key from %s is reported in %s', async (_, env, world) => {
  const reports = [['TELEPORT', expect.stringMatching(/^(take it out|unset it)/)]];
  const quiet: unknown[] = [];
  expect(await told(env, world('TELEPORT'))).toEqual(
    STRICT.includes(env)
      ? { problems: reports, warnings: quiet }
      : { problems: quiet, warnings: reports },
  );
});

test.each(ENVIRONMENTS)(
  'an unknown secret file is a warning in %s, since others share the folder',
  async (env) => {
    const { problems, warnings } = await told(env, { secrets: { somebody_elses: 'x' } });
    expect({ problems, warnings }).toEqual({
      problems: [],
      warnings: [['SOMEBODY_ELSES', expect.any(String)]],
    });
  },
);

test.each([
  ['SECRETKEY', 'SECRET_KEY'],
  ['secret_key', 'SECRET_KEY'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['CSRF_ENABLE', 'CSRF_ENABLED'],
  ['RATELIMIT', 'RATE_LIMIT'],
  ['FEATURE_SIGNUP_V1', 'FEATURE_SIGNUP_V2'],
])('%s from a file is answered with: did you mean %s?', async (key, meant) => {
  const world = { instance: { 'config.ts': `export default { ${key}: 1 };` } };
  expect((await told('production', world)).problems).toEqual([[key, `did you mean ${meant}?`]]);
});

test.each([
  ['APP_SECRETKEY', 'APP_SECRET_KEY'],
  ['APP_CSRF_ENABLE', 'APP_CSRF_ENABLED'],
  ['APP_RATELIMIT__MAX', 'APP_RATE_LIMIT'],
])('%s is answered with a name that would work: %s', async (name, meant) => {
  const { problems } = await told('production', { vars: { [name]: '1' } });
  expect(problems.map(([, remedy]) => remedy)).toEqual([
    expect.stringMatching(new RegExp(`^did you mean ${meant}\\b`)),
  ]);
});

test('the origin of an unknown key is named', async () => {
  const world = {
    vars: { APP_TELEPORT: '1', APP_TELEPORTS: '1' },
    dotenvNames: ['APP_TELEPORTS'],
    secrets: { teleport: '1' },
    overrides: { TELEPORT: 1 },
    instance: { 'config.toml': '[default]\nTELEPORT = 1' },
  };
  const placed = place(world);
  const { warnings } = await loadWorld(world, placed);
  expect(new Set(warnings.map(({ origin }) => origin))).toEqual(
    new Set([
      `${placed.instanceDir}/config.toml`,
      `${placed.secretsDir}/teleport`,
      'env APP_TELEPORT',
      '.env APP_TELEPORTS',
      'override',
    ]),
  );
});

const MEMBERS: Record<string, World> = {
  'config.toml': { instance: { 'config.toml': '[default.RATE_LIMIT]\nMAXIMUM = 1' } },
  'config.ts': { instance: { 'config.ts': 'export default { RATE_LIMIT: { LOGIN: { A: 1 } } };' } },
  JSON: { vars: { APP_RATE_LIMIT: '{"max": 1}' } },
  'a path': { vars: { APP_RATE_LIMIT__LOGIN__MAXIMUM: '1' } },
  'the middle of a path': { vars: { APP_RATE_LIMIT__LOGOUT__MAX: 'many' } },
  overrides: { overrides: { RATE_LIMIT: { MAXIMUM: { MAX: 1 } } } },
};

test.each(
  Object.entries(MEMBERS).flatMap(([layer, world]) =>
    ENVIRONMENTS.map((env) => [layer, env, world] as const),
  ),
)('an unknown member from %s is reported in %s, and sets nothing', async (_, env, world) => {
  const reports = [['RATE_LIMIT', 'it takes WINDOW_SECONDS, MAX, LOGIN.WINDOW_SECONDS, LOGIN.MAX']];
  const strict = STRICT.includes(env);
  expect(await told(env, world)).toEqual({
    problems: strict ? reports : [],
    warnings: strict ? [] : reports,
  });
  const { values, contributions } = await loadWorld({ env, ...world });
  expect(contributions.get('RATE_LIMIT')?.map(({ layer }) => layer)).toEqual(['class']);
  expect(values['RATE_LIMIT']).toEqual({
    WINDOW_SECONDS: 60,
    MAX: 300,
    LOGIN: { WINDOW_SECONDS: 900, MAX: 10 },
  });
});

test('an unknown member beside a known one does not keep the known one from its place', async () => {
  const { values, warnings } = await loadWorld({ vars: { APP_RATE_LIMIT: '{"MAX":5,"A":1}' } });
  expect(values['RATE_LIMIT']).toMatchObject({ MAX: 5, WINDOW_SECONDS: 60 });
  expect(warnings).toHaveLength(1);
});

test('a name that is no identifier is not repeated', async () => {
  const { warnings } = await loadWorld({ overrides: { 'postgres://u:hunter2@h': 1 } });
  expect(warnings).toEqual([
    {
      key: '(a name that is not shown)',
      reason: 'is not a known key',
      origin: 'override',
      remedy: 'take it out, or declare it in src/config/keys/',
    },
  ]);
});

test.each([
  [['FOO'], []],
  [[], ['FOO', 'FOO']],
])('somebody else’s APP_foo and APP_FOO stop nobody, with APP_IGNORE %j', async (ignored, keys) => {
  const vars = { APP_foo: '1', APP_FOO: '2', APP_IGNORE: JSON.stringify(ignored) };
  const { problems, warnings } = await loadWorld({ vars });
  expect(problems).toEqual([]);
  expect(warnings.map(({ key }) => key)).toEqual(keys);
});

test('unknown APP_* names with empty text are unset and not reported', async () => {
  expect(await told('production', { vars: { APP_TELEPORT: '' } })).toEqual({
    problems: [],
    warnings: [],
  });
});
