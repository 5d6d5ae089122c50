import { expect, test } from 'vitest';
import { loadWorld, type World } from '../support/app.ts';

/** One key's value, and what was said about it. */
async function read(key: string, world: World) {
  const { values, problems } = await loadWorld(world);
  return { value: values[key], problems };
}

const app = (key: string, text: string): World => ({ vars: { [`APP_${key}`]: text } });

test.each([
  '0123',
  '1e5',
  'NaN',
  '1E400',
  '12345678901234567890',
  '0x10',
  'true',
  'null',
  'undefined',
  '"quoted"',
  "'quoted'",
  '[1]',
  '{"a":1}',
  ' spaces ',
  '   ',
  'a\\nb',
  '-0',
  '$HOME',
  'é ☃ 😀',
])('a text key keeps %j exactly, from every layer of text', async (text) => {
  const worlds: World[] = [
    { vars: { APP_SECRET_KEY: text } },
    { vars: { SECRET_KEY: text } },
    { secrets: { secret_key: text } },
    { secrets: { secret_key: `${text}\n` } },
  ];
  for (const world of worlds) {
    expect(await read('SECRET_KEY', world)).toEqual({ value: text, problems: [] });
  }
});

test.each([
  ['0', 0],
  ['8080', 8080],
  ['0123', 123],
  ['+80', 80],
  ['1e3', 1000],
  ['80.0', 80],
])('a number key takes the decimal number %j', async (text, value) => {
  expect(await read('PORT', app('PORT', text))).toEqual({ value, problems: [] });
});

test.each([
  'NaN',
  'Infinity',
  '1E400',
  '0x10',
  '0b1',
  '1_000',
  '1,000',
  '80px',
  ' 80',
  '80 ',
  '   ',
  '٣',
  'true',
  'null',
  '"80"',
  '[80]',
  '--1',
  'e5',
  '.',
])('a number key refuses the text %j', async (text) => {
  expect(await read('PORT', app('PORT', text))).toEqual({
    value: 0,
    problems: [
      expect.objectContaining({
        key: 'PORT',
        reason: 'expects a whole number from 0 to 65535',
        origin: 'env APP_PORT',
      }),
    ],
  });
});

test.each(['-1', '65536', '80.5', '1e-3', '12345678901234567890', '9007199254740993'])(
  'a number key refuses the number %s that is out of its range or not whole',
  async (text) => {
    expect((await read('PORT', app('PORT', text))).problems).toEqual([
      {
        key: 'PORT',
        reason: 'expects a whole number from 0 to 65535',
        origin: 'env APP_PORT',
        shadows: ['TestingConfig'],
        remedy: 'correct env APP_PORT',
      },
    ]);
  },
);

test('a whole number that is not safe is refused, also without an upper limit', async () => {
  for (const text of ['9007199254740993', '12345678901234567890', '1e300']) {
    const { problems } = await read('MAX_CONTENT_LENGTH', app('MAX_CONTENT_LENGTH', text));
    expect(problems.map(({ reason }) => reason)).toEqual(['expects a whole number from 1 up']);
  }
});

test.each([
  ['RATE_LIMIT__LOGIN__WINDOW_SECONDS', 86_400],
  ['RATE_LIMIT__WINDOW_SECONDS', 86_400],
  ['UNLEASH_REFRESH_SECONDS', 86_400],
  ['FLAGS_VENDOR_REFRESH_SECONDS', 86_400],
  ['SECRETS_REFRESH_SECONDS', 604_800],
  ['SESSION_TTL_SECONDS', 34_560_000],
  ['SHUTDOWN_DRAIN_MS', 3_600_000],
  ['SHUTDOWN_TIMEOUT_MS', 3_600_000],
])('%s is at most %i, which timers and browsers can count', async (key, most) => {
  expect((await read(key, app(key, String(most)))).problems).toEqual([]);
  const reason = expect.stringMatching(`^expects a whole number from [01] to ${most}$`);
  const { problems } = await read(key, app(key, String(most + 1)));
  expect(problems).toEqual([expect.objectContaining({ reason })]);
});

test.each([
  ...['true', 'True', 'TRUE', '1', 'yes', 'YES', 'on', 'On'].map((text) => [text, true] as const),
  ...['false', 'False', '0', 'no', 'No', 'off', 'OFF'].map((text) => [text, false] as const),
])('a boolean key reads %j as %s', async (text, value) => {
  expect(await read('CSRF_ENABLED', app('CSRF_ENABLED', text))).toEqual({ value, problems: [] });
  const flag = { vars: { FEATURE_SIGNUP_V2: text } };
  expect(await read('FEATURE_SIGNUP_V2', flag)).toEqual({ value, problems: [] });
});

test.each(['2', '-1', 'y', 'n', 't', 'enabled', ' true', 'true ', '   ', '"true"', 'null', '[]'])(
  'a boolean key refuses %j',
  async (text) => {
    expect((await read('DEBUG', app('DEBUG', text))).problems).toEqual([
      expect.objectContaining({ key: 'DEBUG', reason: 'expects true or false' }),
    ]);
  },
);

test.each([
  ['SESSION_COOKIE_SAMESITE', 'Strict', 'strict'],
  ['LOG_LEVEL', 'WARN', 'warn'],
  ['SESSION_STORE', 'memory', 'memory'],
])('a choice key %s takes %j in any case', async (key, text, value) => {
  expect(await read(key, app(key, text))).toEqual({ value, problems: [] });
});

test('the path of the session cookie is one that a login works with', async () => {
  const { problems } = await read('SESSION_COOKIE_PATH', app('SESSION_COOKIE_PATH', '/app'));
  expect(problems.map(({ reason }) => reason)).toEqual(['expects one of /, /ops']);
});

test.each(['warning', ' info', '"info"', '0', 'toString', '__proto__'])(
  'a choice key refuses %j',
  async (text) => {
    const { problems } = await read('LOG_LEVEL', { vars: { LOG_LEVEL: text } });
    expect(problems.map(({ reason }) => reason)).toEqual([
      'expects one of fatal, error, warn, info, debug, trace, silent',
    ]);
  },
);
