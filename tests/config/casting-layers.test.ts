import { expect, test } from 'vitest';
import { loadWorld, type World } from '../support/app.ts';
import { runCli } from '../support/process.ts';

const WRONG: readonly (readonly [
  key: string,
  value: string | number | boolean,
  reported: string,
])[] = [
  ['PORT', '80', 'PORT'],
  ['DEBUG', 'true', 'DEBUG'],
  ['DEBUG', 1, 'DEBUG'],
  ['SECRET_KEY', 123, 'SECRET_KEY'],
  ['APP_NAME', true, 'APP_NAME'],
  ['LOG_LEVEL', 'INFO', 'LOG_LEVEL'],
  ['CORS_ORIGINS', '["https://a.example"]', 'CORS_ORIGINS'],
  ['RATE_LIMIT', '{"MAX":5}', 'RATE_LIMIT'],
  ['FEATURE_SIGNUP_V2', 'yes', 'FEATURE_SIGNUP_V2'],
];

const LAYERS: Record<string, (key: string, value: unknown) => World> = {
  'config.toml': (key, value) => ({
    instance: { 'config.toml': `[default]\n${key} = ${JSON.stringify(value)}` },
  }),
  'config.ts': (key, value) => ({
    instance: { 'config.ts': `export default { ${key}: ${JSON.stringify(value)} };` },
  }),
  'an override': (key, value) => ({ overrides: { [key]: value } }),
};

test.each(
  Object.entries(LAYERS).flatMap(([name, world]) =>
    WRONG.map(([key, value, reported]) => [name, key, value, reported, world] as const),
  ),
)('%s is not cast: %s = %j is refused', async (_name, key, value, reported, world) => {
  const { problems } = await loadWorld(world(key, value));
  expect(problems.map((problem) => problem.key)).toEqual([reported]);
});

test.each([
  ['a text', { APP_RATE_LIMIT: '{"MAX":"5"}' }, 'RATE_LIMIT.MAX'],
  ['a boolean', { APP_RATE_LIMIT: '{"MAX":true}' }, 'RATE_LIMIT.MAX'],
  ['a deep text', { APP_RATE_LIMIT: '{"LOGIN":{"MAX":"5"}}' }, 'RATE_LIMIT.LOGIN.MAX'],
  ['a number in a list', { APP_SECRET_KEY_FALLBACKS: '["a",5]' }, 'SECRET_KEY_FALLBACKS.2'],
  ['a text in a flag', { FEATURE_SIGNUP_V2: '{"rollout":"5"}' }, 'FEATURE_SIGNUP_V2'],
])('a member inside JSON is not cast: %s', async (_, vars, key) => {
  const { problems } = await loadWorld({ vars });
  expect(problems.map((problem) => problem.key)).toEqual([key]);
});

test('a member that has a variable of its own is cast by its type', async () => {
  const { values, problems } = await loadWorld({ vars: { APP_RATE_LIMIT__LOGIN__MAX: '5' } });
  expect({ value: values['RATE_LIMIT'], problems }).toEqual({
    value: { WINDOW_SECONDS: 60, MAX: 300, LOGIN: { WINDOW_SECONDS: 900, MAX: 5 } },
    problems: [],
  });
});

test.each(['PORT', 'DEBUG', 'SECRET_KEY', 'CORS_ORIGINS', 'RATE_LIMIT', 'LOG_LEVEL', 'HOST'])(
  'empty text leaves %s as it was, in every layer of text',
  async (key) => {
    const before = (await loadWorld()).values[key];
    const { values, problems, warnings } = await loadWorld({
      secrets: { [key.toLowerCase()]: '' },
      vars: { [key]: '', [`APP_${key}`]: '', [`${key}_FILE`]: '' },
    });
    expect({ value: values[key], problems, warnings }).toEqual({
      value: before,
      problems: [],
      warnings: [],
    });
  },
);

test('empty text is a value for the text key that allows it', async () => {
  for (const world of [{ vars: { APP_CSP: '' } }, { secrets: { csp: '' } }]) {
    const { values, problems } = await loadWorld(world);
    expect({ value: values['CSP'], problems }).toEqual({ value: '', problems: [] });
  }
});

test('what only looks empty is no number, and no JSON', async () => {
  const { problems } = await loadWorld({ vars: { APP_PORT: ' ', APP_CORS_ORIGINS: ' ' } });
  expect(problems.map(({ key, origin }) => [key, origin])).toEqual([
    ['CORS_ORIGINS', 'env APP_CORS_ORIGINS'],
    ['PORT', 'env APP_PORT'],
  ]);
});

test('a text that cannot be cast is reported with its origin, what it shadows and what to do', async () => {
  const { problems } = await loadWorld({
    instance: { 'config.toml': '[default]\nDEBUG = false' },
    vars: { APP_DEBUG: 'maybe' },
  });
  expect(problems).toEqual([
    {
      key: 'DEBUG',
      reason: 'expects true or false',
      origin: 'env APP_DEBUG',
      shadows: [expect.stringMatching(/config\.toml$/), 'TestingConfig'],
      remedy: 'correct env APP_DEBUG',
    },
  ]);
});

test.each([
  ['a big integer', 'export default { PORT: 5n };', 'config.ts'],
  ['not a number', 'export default { PORT: NaN };', 'PORT'],
  ['a date', 'export default { APP_NAME: new Date() };', 'config.ts'],
  ['a function', 'export default { APP_NAME: () => "x" };', 'config.ts'],
  ['null', 'export default { PORT: null };', 'PORT'],
])('config.ts cannot give %s', async (_, text, key) => {
  const { problems } = await loadWorld({ instance: { 'config.ts': text } });
  expect(problems.map((problem) => problem.key)).toEqual([key]);
});

test('a member of config.ts that is undefined says nothing', async () => {
  const text = 'export default { PORT: undefined, APP_NAME: "x" };';
  const { values, problems } = await loadWorld({ instance: { 'config.ts': text } });
  expect({ port: values['PORT'], name: values['APP_NAME'], problems }).toEqual({
    port: 0,
    name: 'x',
    problems: [],
  });
});

test('a big integer from config.ts is reported by the commands, like every other fault', async () => {
  const instance = { 'config.ts': 'export default { PORT: 5n, DATABASE_URL: 6n };' };
  const { code, stdout, stderr } = await runCli(['show-config', 'PORT'], { instance });
  expect({ code, stdout }).toEqual({ code: 1, stdout: 'PORT=3000\n' });
  expect(stderr).toMatch(/config\.ts holds something other than plain data/);
});
