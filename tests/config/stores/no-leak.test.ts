import { expect, test } from 'vitest';
import { PRODUCTION_VARS, type World } from '../../support/app.ts';
import { awsRefusal } from '../../support/aws.ts';
import type { Answer } from '../../support/faulty-server.ts';
import { runCli } from '../../support/process.ts';
import { startSecretsManager } from '../../support/secrets-manager.ts';
import { AWKWARD, allSaid, canary, faultsSaid, leaksIn, printed } from '../canary.ts';
import { makeConfig } from '../make-config.ts';
import { FAULTS, production, STORES } from './worlds.ts';

const SECRET = canary();
const VALUES = (secret: string) => ({
  SECRET_KEY: secret,
  DATABASE_URL: `postgres://user:${secret}@db.example/shop`,
  REDIS_URL: `redis://:${secret}@cache.example/0`,
  [secret]: secret,
});
const QUICK = { SSM_TIMEOUT_MS: '800', SECRETS_MANAGER_TIMEOUT_MS: '800', VAULT_TIMEOUT_MS: '800' };

const stores = Object.entries(STORES);
const faults = stores.flatMap(([name, open]) =>
  Object.entries(FAULTS[name] ?? {}).map(([kind, [fault]]) => [name, kind, open, fault] as const),
);

test.each(stores)('a secret in %s is shown by nothing', async (_, open) => {
  for (const secret of AWKWARD) {
    const { vars } = await open(VALUES(secret));
    for (const env of ['testing', 'production']) {
      const leaks = leaksIn(await allSaid({ env, vars }));
      expect({ env, secret, leaks }).toEqual({ env, secret, leaks: [] });
    }
  }
});

test.each(stores)('a value of %s that is wrong is shown by nothing', async (_, open) => {
  const wrong = { PORT: SECRET, RATE_LIMIT: `{"MAX": ${SECRET}}`, CORS_ORIGINS: `["${SECRET}"` };
  const { vars } = await open({ ...wrong, RATE_LIMIT__LOGIN__MAX: SECRET, LOG_LEVEL: SECRET });
  const said = await allSaid({ vars });
  expect(said).toContain('PORT');
  expect(leaksIn(said)).toEqual([]);
});

test.each(faults)('%s %s gives no secret away, at boot and later', async (_s, _k, open, fault) => {
  const store = await open({ ...PRODUCTION_VARS, SECRET_KEY: SECRET });
  const config = await makeConfig(production(store, QUICK));
  store.server.failAlways(fault);
  await config.reload();
  const later = [config.sources(), config.warnings(), config.explain('SECRET_KEY'), config];
  expect(leaksIn(later.flatMap(printed).join('\n'))).toEqual([]);
  expect(leaksIn(await faultsSaid(production(store, QUICK)))).toEqual([]);
});

/** Answers in which a server, or something in front of it, repeats what nobody may see. */
const ECHOES: Record<string, Answer> = {
  'a page': { status: 502, type: 'text/html', body: `<p>${SECRET}</p>` },
  'a page instead of an answer': { status: 200, type: 'text/html', body: `<p>${SECRET}</p>` },
  'text that begins like JSON': { status: 200, body: `{"a": ${SECRET}` },
  'JSON that is something else': { status: 200, body: [SECRET] },
  'an error of AWS': awsRefusal('AccessDeniedException', SECRET),
  'an error of AWS with that name': awsRefusal(SECRET, SECRET),
  'an error of Vault': { status: 400, body: { errors: [SECRET], warnings: [SECRET] } },
  'a refusal of Vault': { status: 403, body: { errors: [SECRET] } },
  'a deleted version': { status: 404, body: { data: { data: SECRET, metadata: { a: SECRET } } } },
};

test.each(
  stores.flatMap(([name, open]) =>
    Object.entries(ECHOES).map(([kind, answer]) => [name, kind, open, answer] as const),
  ),
)('what %s says is never repeated: %s', async (_s, _k, open, answer) => {
  const store = await open();
  store.server.failAlways(answer);
  const said = await faultsSaid(production(store, QUICK));
  expect(said).toContain('cannot be loaded');
  expect(leaksIn(said)).toEqual([]);
});

const CREDENTIALS: Record<string, Record<string, string>> = {
  'a token': { VAULT_TOKEN: SECRET },
  'an AppRole': { VAULT_ROLE_ID: SECRET, VAULT_SECRET_ID: SECRET },
  'a JWT': { VAULT_JWT_ROLE: 'ci', VAULT_JWT: SECRET },
  'a token file that is the token': { VAULT_K8S_ROLE: 'ci', VAULT_K8S_TOKEN_FILE: SECRET },
  'an address with a password': {
    VAULT_TOKEN: SECRET,
    VAULT_ADDR: `http://user:${SECRET}@[::1]:9`,
  },
  'an address that is none': { VAULT_TOKEN: SECRET, VAULT_ADDR: SECRET, AWS_ENDPOINT_URL: SECRET },
  'keys of AWS': { AWS_ACCESS_KEY_ID: SECRET, AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: 'x' },
  'an endpoint with a password': { AWS_ENDPOINT_URL: `http://user:${SECRET}@127.0.0.1:9` },
};

test.each(Object.entries(CREDENTIALS))('what opens a store is not shown: %s', async (_, more) => {
  const world: World = {
    env: 'production',
    vars: {
      ...QUICK,
      ...{ SSM_PATH: '/myapp', SECRETS_MANAGER_ID: 'myapp', VAULT_PATH: 'secret/myapp' },
      ...{ VAULT_ADDR: 'http://127.0.0.1:9', AWS_REGION: 'eu-central-1' },
      ...{ AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ACCESS_KEY_ID: 'a' },
      ...{ AWS_SECRET_ACCESS_KEY: 'b', ...more },
    },
  };
  const said = await allSaid(world);
  expect(said).toContain('VAULT_PATH');
  expect(leaksIn(said)).toEqual([]);
});

test('a secret that is no JSON is not quoted', async () => {
  const server = await startSecretsManager();
  for (const text of [SECRET, `{"a": "${SECRET}`, `["${SECRET}"]`, `{"PORT": ["${SECRET}"]}`]) {
    server.secrets.set('myapp', { text });
    const store = await STORES['Secrets Manager']?.();
    const vars = { ...store?.vars, SECRETS_MANAGER_ID: 'myapp', AWS_ENDPOINT_URL: server.url };
    expect(leaksIn(await faultsSaid({ env: 'production', vars }))).toEqual([]);
  }
});

// The SDKs' own debug output would hold what they send and get.
test.each(stores)('no debug switch makes the client of %s print a secret', async (_, open) => {
  const { vars } = await open({ ...PRODUCTION_VARS, SECRET_KEY: SECRET });
  const debug = { DEBUG: '*', AWS_SDK_LOG: 'debug' };
  const world = { env: 'production', vars: { ...vars, ...debug, VAULT_TOKEN: SECRET } };
  const { code, stdout, stderr } = await runCli(['show-config', '--all', '--origin'], world);
  expect({ code, leaks: leaksIn(stdout + stderr) }).toEqual({ code: 0, leaks: [] });
  expect(stderr).not.toContain('a-secret-id');
});
