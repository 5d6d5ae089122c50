import { expect, test } from 'vitest';
import { PRODUCTION_VARS, placeFiles, type World } from '../support/app.ts';
import { AWKWARD, allSaid, canary, faultsSaid, leaksIn } from './canary.ts';

const SECRET = canary();

test.each([
  ['raw', SECRET],
  ['in JSON', JSON.stringify({ a: `"${SECRET}` })],
  ['in a URL', `x?y=${encodeURIComponent(`é ${SECRET}`)}`],
  ['in hex', Buffer.from(`a${SECRET}`).toString('hex')],
  ...['', 'a', 'ab', 'abc'].map((before) => [
    `in base64 after ${before.length} bytes`,
    Buffer.from(before + SECRET).toString('base64'),
  ]),
])('the canary is found again %s', (_, text = '') => {
  expect(leaksIn(text)).not.toEqual([]);
});

const SOURCES: Record<string, (secret: string) => World> = {
  'config.toml': (secret) => ({
    instance: { 'config.toml': `[default]\nSECRET_KEY = ${JSON.stringify(secret)}` },
  }),
  'config.ts': (secret) => ({
    instance: { 'config.ts': `export default { SECRET_KEY: ${JSON.stringify(secret)} };` },
  }),
  'a secret file': (secret) => ({ secrets: { secret_key: secret } }),
  'the file that SECRET_KEY_FILE names': (secret) => ({
    vars: { SECRET_KEY_FILE: `${placeFiles({ key: secret })}/key` },
  }),
  SECRET_KEY: (secret) => ({ vars: { SECRET_KEY: secret } }),
  '.env': (secret) => ({ vars: { SECRET_KEY: secret }, dotenvNames: ['SECRET_KEY'] }),
  APP_SECRET_KEY: (secret) => ({ vars: { APP_SECRET_KEY: secret } }),
  'an override': (secret) => ({ overrides: { SECRET_KEY: secret } }),
  SECRET_KEY_FALLBACKS: (secret) => ({
    vars: { SECRET_KEY_FALLBACKS: JSON.stringify([secret, secret]) },
  }),
  'DATABASE_URL, not encoded': (secret) => ({
    vars: { DATABASE_URL: `postgres://user:${secret}@db.example/shop` },
  }),
  'DATABASE_URL, encoded': (secret) => ({
    vars: { DATABASE_URL: `postgres://user:${encodeURIComponent(secret)}@db.example/shop` },
  }),
  'DATABASE_URL without a scheme': (secret) => ({ vars: { DATABASE_URL: secret } }),
  'DATABASE_URL of another kind': (secret) => ({
    vars: { DATABASE_URL: `mysql://user:${secret}@db.example/shop` },
  }),
  REDIS_URL: (secret) => ({ vars: { APP_REDIS_URL: `redis://:${secret}@cache.example/0` } }),
  'the user of a public URL': (secret) => ({
    vars: { APP_CORS_ORIGINS: JSON.stringify([`https://${secret}@shop.example`]) },
  }),
  'the hash of an operator': (secret) => ({
    overrides: { OPS_USERS: [{ username: secret, passwordHash: secret, role: secret }] },
  }),
  'the name of a member that a flag does not take': (secret) => ({
    vars: { FEATURE_SIGNUP_V2: JSON.stringify({ [secret]: true }) },
  }),
  'a member that operators do not have': (secret) => ({
    overrides: { OPS_USERS: [{ [secret]: secret }] },
  }),
};

test.each(Object.entries(SOURCES))('a secret in %s is shown by nothing', async (_, world) => {
  for (const env of ['testing', 'production']) {
    for (const secret of AWKWARD) {
      expect({ env, secret, leaks: leaksIn(await allSaid({ env, ...world(secret) })) }).toEqual({
        env,
        secret,
        leaks: [],
      });
    }
  }
});

const toml = (text: string): World => ({ instance: { 'config.toml': text } });
const module = (text: string): World => ({ instance: { 'config.ts': text } });
const quoted = JSON.stringify(SECRET);

const FAULTS: Record<string, World> = {
  'the argument names no environment': { env: SECRET },
  'APP_ENV names no environment': { env: null, vars: { APP_ENV: SECRET } },
  'NODE_ENV names no environment': { env: null, vars: { NODE_ENV: SECRET } },
  'ENV is something else': { env: null, vars: { ENV: SECRET } },
  'APP_ENV in .env': { env: null, vars: { APP_ENV: SECRET }, dotenvNames: ['APP_ENV'] },
  'ENV is set in a file': module(`export default { ENV: ${quoted} }`),
  'a number is text': { vars: { PORT: SECRET } },
  'a boolean is text': { vars: { APP_DEBUG: SECRET } },
  'a choice is another': { vars: { LOG_LEVEL: SECRET } },
  'a list is broken JSON': { vars: { APP_CORS_ORIGINS: `["${SECRET}"` } },
  'a list is text': { vars: { APP_SECRET_KEY_FALLBACKS: SECRET } },
  'a list holds numbers': { vars: { APP_SECRET_KEY_FALLBACKS: `["${SECRET}", 1]` } },
  'an object is broken JSON': { vars: { APP_RATE_LIMIT: `{"MAX": ${SECRET}}` } },
  'an object has an unknown member': { vars: { APP_RATE_LIMIT: `{"${SECRET}": 1}` } },
  'a member is text': { vars: { APP_RATE_LIMIT: `{"MAX": "${SECRET}"}` } },
  'a path leads into a scalar': { vars: { APP_PORT__X: SECRET } },
  'a path is empty': { vars: { APP__SECRET_KEY: SECRET } },
  'a path reaches a prototype': { vars: { APP_constructor__x: SECRET } },
  'two spellings': { vars: { APP_SECRET_KEY: SECRET, APP_secret_key: SECRET } },
  'a value and an object': { vars: { APP_RATE_LIMIT: quoted, APP_RATE_LIMIT__MAX: SECRET } },
  'a flag is text': { vars: { FEATURE_SIGNUP_V2: SECRET } },
  'a flag has an unknown variant': {
    vars: { FEATURE_SIGNUP_V2: `{"variants": {"${SECRET}": 900}}` },
  },
  'an undeclared flag': { vars: { FEATURE_OTHER: SECRET } },
  'a near miss': { vars: { SECRET_KEYS: SECRET, APP_SECRETKEY: SECRET } },
  'KEY and KEY_FILE': { vars: { SECRET_KEY: SECRET, SECRET_KEY_FILE: SECRET } },
  'KEY_FILE holds the secret itself': { vars: { SECRET_KEY_FILE: SECRET } },
  'INSTANCE_DIR holds a secret': { vars: { INSTANCE_DIR: SECRET } },
  'an unknown secret file': { secrets: { somebody_elses: SECRET } },
  'a secret file of the wrong type': { secrets: { port: SECRET, rate_limit: SECRET } },
  'a secret file that is too large': { secrets: { secret_key: SECRET.repeat(2_000) } },
  'a secret file that is binary': { secrets: { secret_key: `${SECRET}\u0000` } },
  'an override of the wrong type': { overrides: { PORT: SECRET, SECRET_KEY: [SECRET] } },
  'an override that is not plain': { overrides: { SECRET_KEY: new Date(), CSP: () => SECRET } },
  'an override that nobody knows': { overrides: { [SECRET]: SECRET, OTHER: SECRET } },
  'a header with a line break': { overrides: { CSP: `${SECRET}\r\nSet-Cookie: a=b` } },
  'toml: syntax': toml(`[default]\nSECRET_KEY = ${SECRET}`),
  'toml: no end': toml(`[default]\nSECRET_KEY = "${SECRET}`),
  'toml: twice': toml(`[default]\nSECRET_KEY = ${quoted}\nSECRET_KEY = ${quoted}`),
  'toml: outside of tables': toml(`"${SECRET}" = ${quoted}`),
  'toml: unknown table': toml(`["${SECRET}"]\nSECRET_KEY = ${quoted}`),
  'toml: unknown key': toml(`[default]\n"${SECRET}" = ${quoted}`),
  'toml: wrong type': toml(`[default]\nPORT = ${quoted}\nSECRET_KEY = [${quoted}]`),
  'ts: syntax': module(`export default {\n  SECRET_KEY: '${SECRET}\n};`),
  'ts: syntax beside it': module(`export default { SECRET_KEY: ${quoted}, DEBUG: = };`),
  'ts: a name': module('export default { SECRET_KEY: CANARY7f3a9c };'),
  'ts: throws': module(`throw new Error(${quoted});`),
  'ts: throws in its function': module(`export default () => { throw new Error(${quoted}); };`),
  'ts: rejects': module(`export default async () => { throw new TypeError(${quoted}); };`),
  'ts: throws text': module(`throw ${quoted};`),
  'ts: a cause': module(`throw new Error('a', { cause: new Error(${quoted}) });`),
  'ts: an error with another name': module(
    `throw Object.assign(new Error('a'), { name: ${quoted}, code: ${quoted} });`,
  ),
  'ts: imports it': module(`import ${quoted};\nexport default {};`),
  'ts: TypeScript that cannot be stripped': module(`enum A { B = ${quoted} }\nexport default {};`),
  'ts: exports text': module(`export default ${quoted};`),
  'ts: exports what is not plain': module(`export default { SECRET_KEY: new URL('a:${SECRET}') };`),
  'ts: unknown key': module(`export default { ${quoted}: ${quoted} };`),
};

test.each(Object.entries(FAULTS))('a report never holds the value: %s', async (_, world) => {
  for (const env of ['testing', 'production']) {
    const said = await faultsSaid({ env, ...world });
    expect({ env, leaks: leaksIn(said) }).toEqual({ env, leaks: [] });
    expect(said).not.toContain('CANARY7f3a9c');
  }
});

test('the shadowed secret of a lower layer is shown by nothing, also with a valid one above', async () => {
  const world = { instance: toml(`[default]\nSECRET_KEY = ${quoted}`).instance ?? {} };
  const said = await allSaid({ env: 'production', ...world, vars: PRODUCTION_VARS });
  expect(said).toContain('config.toml');
  expect(leaksIn(said)).toEqual([]);
});
