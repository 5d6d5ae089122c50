import type { Logger } from 'pino';
import { expect, test } from 'vitest';
import { makeApp } from '../support/app.ts';
import { captureLog } from './small-app.ts';

const SECRET_KEY = 'canary-that-signs-every-session';
const URL_WITH_PASSWORD = 'https://user:canary@example.com/';
const FIELDS = {
  upstream: URL_WITH_PASSWORD,
  key: SECRET_KEY,
  headers: { authorization: 'canary', cookie: 'canary', 'x-api-key': 'canary', accept: 'any' },
  login: { password: 'canary', passwordHash: ['canary'], otp: 123_456, pin: '' },
  [SECRET_KEY]: [{ [SECRET_KEY]: 1 }],
};
const MASKED = {
  upstream: 'https://***@example.com/',
  key: '***',
  headers: { authorization: '***', cookie: '***', 'x-api-key': '***', accept: 'any' },
  login: { password: '***', passwordHash: '***', otp: '***', pin: '' },
  '***': [{ '***': 1 }],
};

/** The last line that `write` leaves in the log of an app of this secret. */
async function lineOf(write: (log: Logger) => void) {
  const { log } = (await makeApp({ vars: { SECRET_KEY, LOG_LEVEL: 'info' } })).locals;
  const { lines } = captureLog(log);
  write(log);
  const { level, time, app, ...rest } = lines().at(-1) ?? {};
  return rest;
}

test.each<[how: string, write: (log: Logger) => void]>([
  ['a line', (log) => log.info(FIELDS, 'x')],
  ['a child', (log) => log.child(FIELDS).info('x')],
  ["a child's child", (log) => log.child({}).child(FIELDS).info('x')],
  [
    'a child that learns them later',
    (log) => {
      const child = log.child({});
      child.setBindings(FIELDS);
      child.info('x');
    },
  ],
])('the fields of %s are masked, by their values and by their names', async (_how, write) => {
  expect(await lineOf(write)).toEqual({ ...MASKED, msg: 'x' });
});

test('a key, a code and a hash are what lines are about, and stay', async () => {
  const fields = { key: 'PORT', err: Object.assign(new Error('no'), { code: 'ENOENT' }) };
  expect(await lineOf((log) => log.info({ ...fields, audit: { hash: '9f2c' } }))).toMatchObject({
    key: 'PORT',
    err: { message: 'no', code: 'ENOENT' },
    audit: { hash: '9f2c' },
  });
});

test('numbers and names of all days stay', async () => {
  const fields = { statusCode: 404, exitCode: 0, errorCode: 'E_GONE', keys: 3, publicKey: 'pk' };
  expect(await lineOf((log) => log.info(fields))).toEqual(fields);
});

test("a child's prefix is masked, and its serializers work", async () => {
  const serializers = { apiKey: () => 'serialized' };
  const line = await lineOf((log) =>
    log.child({}, { msgPrefix: `${URL_WITH_PASSWORD} `, serializers }).info({ apiKey: 'x' }, 'x'),
  );
  expect(line).toEqual({ apiKey: 'serialized', msg: `${MASKED.upstream} x` });
});

test('a child keeps its error and its level', async () => {
  const line = await lineOf((log) =>
    log.child({ err: new Error(URL_WITH_PASSWORD) }, { level: 'debug' }).debug('x'),
  );
  expect(line).toMatchObject({ err: { type: 'Error', message: MASKED.upstream }, msg: 'x' });
});
