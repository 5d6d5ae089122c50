import { format, inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { Secret } from '../../src/config/secret.ts';
import { makeConfig } from './make-config.ts';

const secret = new Secret('hunter2');

test('reveal alone gives the value', () => {
  expect(secret.reveal()).toBe('hunter2');
});

const WAYS: Record<string, () => string> = {
  'template text': () => `${secret}`,
  addition: () => `a${secret}`,
  String: () => String(secret),
  'a list as text': () => [secret, secret].join(),
  JSON: () => JSON.stringify(secret),
  'JSON inside': () => JSON.stringify({ a: [secret] }),
  inspect: () => inspect(secret),
  'inspect inside': () => inspect({ a: [secret] }, { showHidden: true, depth: 9 }),
  format: () => format('%s %o %O %j', secret, secret, secret, secret),
};

test.each(Object.entries(WAYS))('%s shows the mask', (_, print) => {
  expect(print()).toContain('***');
  expect(print()).not.toContain('hunter2');
});

const COPIES: Record<string, () => unknown> = {
  'inspect without its custom form': () =>
    inspect(secret, { customInspect: false, showHidden: true, getters: true }),
  structuredClone: () => structuredClone(secret),
  'structuredClone inside': () => structuredClone({ a: [secret] }),
  'v8.serialize': () => deserialize(serialize(secret)),
  spreading: () => ({ ...secret }),
  'its entries': () => Object.entries(Object.getOwnPropertyDescriptors(secret)),
  'its names': () => Reflect.ownKeys(secret),
};

test.each(Object.entries(COPIES))('%s holds nothing of the value', (_, copy) => {
  expect(inspect(copy(), { depth: 9, showHidden: true })).not.toContain('hunter2');
});

test('an error that a secret was written into shows the mask', () => {
  const error = new Error(`cannot use ${secret}`, { cause: secret });
  expect(inspect(error)).not.toContain('hunter2');
  expect(error.message).toBe('cannot use ***');
});

test('the secret of a service’s URL shows where the service is', async () => {
  const config = await makeConfig({
    vars: { DATABASE_URL: 'postgres://user:hunter2@db.example/shop' },
  });
  const url = config.get('DATABASE_URL');
  expect([`${url}`, JSON.stringify(url), inspect(url), url.reveal()]).toEqual([
    'postgres://***@db.example/shop',
    '"postgres://***@db.example/shop"',
    'postgres://***@db.example/shop',
    'postgres://user:hunter2@db.example/shop',
  ]);
});

test.each([
  'postgres://ada:hunter2%20hunter2@db/shop',
  'postgres://db/shop?user=ada&password=hunter2%20hunter2',
])('the password in %s is known by itself, as it is written and decoded', async (url) => {
  const config = await makeConfig({ vars: { DATABASE_URL: url } });
  expect(config.redact('one hunter2%20hunter2, other hunter2 hunter2')).toBe('one ***, other ***');
});

test('the snapshot may be cloned, printed and spread without showing a secret', async () => {
  const config = await makeConfig({ vars: { SECRET_KEY: 'hunter2-hunter2' } });
  const { snapshot } = config;
  const texts = [
    inspect(snapshot, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
    inspect(structuredClone({ ...snapshot }), { depth: 9, showHidden: true }),
    JSON.stringify(snapshot),
  ];
  for (const text of texts) expect(text).not.toContain('hunter2');
});
