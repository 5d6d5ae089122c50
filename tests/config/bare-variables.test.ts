import { expect, test } from 'vitest';
import { loadWorld, place, placeFiles } from '../support/app.ts';

test.each([
  ['SECRET_KEY', 'x'],
  ['DATABASE_URL', 'sqlite:other.db'],
  ['REDIS_URL', 'redis://cache.example'],
  ['HOST', '::1'],
  ['LOG_LEVEL', 'warn'],
  ['SESSION_STORE', 'memory'],
])('%s opts in to a variable without a prefix', async (key, value) => {
  const { values, contributions, problems } = await loadWorld({ vars: { [key]: value } });
  expect({ value: values[key], top: contributions.get(key)?.at(-1), problems }).toEqual({
    value,
    top: { layer: 'env', source: `env ${key}`, key, value },
    problems: [],
  });
});

test.each([
  ['DEBUG', '*'],
  ['TESTING', '1'],
  ['NAME', 'x'],
  ['APP', 'x'],
  ['CSP', "default-src 'none'"],
  ['MAX_CONTENT_LENGTH', 'many'],
  ['CSRF_ENABLED', 'false'],
  ['PATH', '/bin'],
  ['LANG', 'C'],
])('%s without a prefix is another program’s: neither read nor reported', async (name, value) => {
  const placed = place({});
  const plain = await loadWorld({}, placed);
  const { values, problems, warnings } = await loadWorld({ vars: { [name]: value } }, placed);
  expect({ values, problems, warnings }).toEqual({
    values: plain.values,
    problems: [],
    warnings: [],
  });
});

test.each([
  ['DATABSE_URL', 'DATABASE_URL'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['database_url', 'DATABASE_URL'],
  ['SECRETKEY', 'SECRET_KEY'],
  ['SECRET_KEYS', 'SECRET_KEY'],
  ['SECRET_KEY_FIEL', 'SECRET_KEY_FILE'],
  ['REDIS_URI', 'REDIS_URL'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['FEATURE_SIGNUP_V3', 'FEATURE_SIGNUP_V2'],
])('%s is a near miss: a warning that asks for %s, in production too', async (name, meant) => {
  for (const env of ['testing', 'production']) {
    const { problems, warnings } = await loadWorld({ env, vars: { [name]: 'x' } });
    expect(warnings.filter(({ key }) => key === name)).toEqual([
      expect.objectContaining({ origin: `env ${name}`, remedy: `did you mean ${meant}?` }),
    ]);
    expect(problems.filter(({ key }) => key === name)).toEqual([]);
  }
});

test('a flag that nobody declared is warned of, in production too', async () => {
  for (const env of ['testing', 'production']) {
    const { problems, warnings } = await loadWorld({ env, vars: { FEATURE_TELEPORT: 'true' } });
    expect(warnings.filter(({ key }) => key === 'FEATURE_TELEPORT')).toEqual([
      {
        key: 'FEATURE_TELEPORT',
        reason: 'is no declared feature flag, so it sets nothing',
        origin: 'env FEATURE_TELEPORT',
        remedy: 'declare the flag or unset it',
      },
    ]);
    expect(problems.filter(({ key }) => key === 'FEATURE_TELEPORT')).toEqual([]);
  }
});

test.each(['SECRET_KEY', 'DATABASE_URL', 'PORT', 'FEATURE_SIGNUP_V2'])(
  '%s and its _FILE both set are refused, naming both',
  async (key) => {
    const { problems } = await loadWorld({ vars: { [key]: '1', [`${key}_FILE`]: '/nowhere' } });
    const [clash] = problems.filter(({ reason }) => reason.includes('twice'));
    expect(clash).toEqual({
      key,
      reason: `is set twice, by ${key} and ${key}_FILE`,
      remedy: `unset ${key} or ${key}_FILE`,
    });
  },
);

test('an empty SECRET_KEY beside SECRET_KEY_FILE is no contradiction', async () => {
  const { problems } = await loadWorld({ vars: { SECRET_KEY: '', SECRET_KEY_FILE: '/nowhere' } });
  expect(problems).toMatchObject([
    {
      key: 'SECRET_KEY',
      reason: 'names a file that does not exist',
      origin: 'env SECRET_KEY_FILE',
      remedy: 'correct the path',
    },
  ]);
});

test('APP_SECRET_KEY beside SECRET_KEY_FILE is no contradiction: it is a later layer', async () => {
  const vars = { APP_SECRET_KEY: 'x', SECRET_KEY_FILE: `${placeFiles({ key: 'y' })}/key` };
  const { problems, values } = await loadWorld({ vars });
  expect({ value: values['SECRET_KEY'], problems }).toEqual({ value: 'x', problems: [] });
});
