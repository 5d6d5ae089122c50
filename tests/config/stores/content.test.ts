import { expect, test } from 'vitest';
import { loadWorld } from '../../support/app.ts';
import { AWS_VARS } from '../../support/aws.ts';
import { startSecretsManager } from '../../support/secrets-manager.ts';
import { STORES } from './worlds.ts';

const VARS = { ...AWS_VARS, SECRETS_MANAGER_ID: 'myapp', SECRETS_MANAGER_REQUIRED: 'true' };

/** What a load of a JSON secret with these members gave, and what was said. */
async function read(members: unknown) {
  const server = await startSecretsManager({ myapp: members });
  const { problems, warnings, values, contributions } = await loadWorld({
    vars: { ...VARS, AWS_ENDPOINT_URL: server.url },
  });
  const said = (list: typeof problems) => list.map(({ key, reason }) => `${key} ${reason}`);
  return { problems: said(problems), warnings: said(warnings), values, contributions };
}

test.each<[string, Buffer | string | 'deleted' | undefined, string]>([
  ['binary', Buffer.from([0, 255]), 'holds a binary secret there'],
  ['no JSON', 'just-a-password', 'holds a secret there that is no JSON object'],
  ['a JSON list', '["a"]', 'holds a secret there that is no JSON object'],
  ['JSON text', '"a"', 'holds a secret there that is no JSON object'],
  ['empty', '{}', 'holds nothing there'],
  ['deleted', 'deleted', 'has that secret marked as deleted'],
  ['missing', undefined, 'has no such secret'],
])('a secret that is %s is told as it is', async (_, kept, reason) => {
  const server = await startSecretsManager();
  if (kept === 'deleted') server.secrets.set('myapp', kept);
  else if (kept !== undefined) {
    server.secrets.set('myapp', typeof kept === 'string' ? { text: kept } : { bytes: kept });
  }
  const { problems } = await loadWorld({ vars: { ...VARS, AWS_ENDPOINT_URL: server.url } });
  expect(problems.map(({ key, reason }) => `${key} ${reason}`)).toEqual([
    `SECRETS_MANAGER_ID myapp cannot be loaded: Secrets Manager at ${server.url} ${reason}`,
  ]);
});

test('texts are cast by their keys’ types and keep what they are; empty text sets nothing', async () => {
  const texts = { SECRET_KEY: '1e5', PORT: '8081', DEBUG: 'off', CORS_ORIGINS: '[]', APP_NAME: '' };
  const { problems, warnings, values } = await read(texts);
  expect([...problems, ...warnings]).toEqual([]);
  expect(values).toMatchObject({
    ...{ SECRET_KEY: '1e5', PORT: 8081, DEBUG: false, CORS_ORIGINS: [], APP_NAME: 'Strata' },
  });
});

test('JSON of another type must be the key’s own', async () => {
  const { problems, values } = await read({
    SECRET_KEY: 12345,
    PORT: 8081.5,
    CORS_ORIGINS: ['https://a.example'],
    rate_limit: { MAX: 5 },
    RATE_LIMIT__LOGIN__MAX: 3,
    APP_NAME: null,
  });
  expect(problems.sort()).toEqual([
    'APP_NAME expects text, not empty',
    'PORT expects a whole number from 0 to 65535',
    'SECRET_KEY expects text, not empty',
  ]);
  expect(values).toMatchObject({
    CORS_ORIGINS: ['https://a.example'],
    RATE_LIMIT: { MAX: 5, LOGIN: { MAX: 3 } },
  });
});

test.each<[string, unknown, string]>([
  ['two spellings', { port: 1, PORT: 2 }, 'PORT is set twice'],
  ['a value and an object', { RATE_LIMIT: 5, RATE_LIMIT__MAX: 1 }, 'is both a value'],
  ['a prototype inside', { RATE_LIMIT: JSON.parse('{"__proto__":{}}') }, 'has a member named'],
])('%s are refused', async (_, members, problem) => {
  expect((await read(members)).problems.join('\n')).toContain(problem);
});

test.each(['{"__proto__": {"MAX": 1}}', '{"constructor": "x"}'])(
  'a prototype as a name is refused: %s',
  async (json) => {
    const server = await startSecretsManager();
    server.secrets.set('myapp', { text: json });
    const { problems } = await loadWorld({ vars: { ...VARS, AWS_ENDPOINT_URL: server.url } });
    expect(problems.map(({ reason }) => reason)).toEqual([
      'reaches for __proto__, constructor or prototype',
    ]);
  },
);

test.each(Object.entries(STORES))('a name in %s that is no key is a warning', async (_, open) => {
  const { vars, source } = await open({ SECRET_KEYS: 'x', 'no name at all!': 'y', ENV: 'z' });
  const { problems, warnings, contributions } = await loadWorld({ vars });
  expect(problems.map(({ key, reason }) => [key, reason])).toEqual([
    ['ENV', 'is derived and cannot be set'],
  ]);
  const sign = source.startsWith('ssm') ? '/' : '#';
  expect(warnings.map(({ key, origin, remedy }) => [key, origin, remedy]).sort()).toEqual([
    ['(a name that is not shown)', source, 'take it out, or declare it in src/config/keys/'],
    ['SECRET_KEYS', `${source}${sign}SECRET_KEYS`, 'did you mean SECRET_KEY?'],
  ]);
  expect(JSON.stringify([...contributions])).not.toContain('no name');
});

test('Vault beats Secrets Manager, which beats SSM; variables beat them all', async () => {
  const open = Object.values(STORES).map((store) => store({ APP_NAME: 'x', CSP: 'y' }));
  const [ssm, manager, vault] = await Promise.all(open);
  const vars = { ...ssm?.vars, ...vault?.vars, APP_CSP: 'z' };
  const { contributions } = await loadWorld({ vars });
  const sources = (key: string) => contributions.get(key)?.map(({ source }) => source);
  expect([sources('APP_NAME'), sources('CSP')?.at(-1)]).toEqual([
    ['TestingConfig', 'ssm:/myapp/prod/APP_NAME', 'vault:secret/myapp/prod#APP_NAME'],
    'env APP_CSP',
  ]);
  expect(manager?.source).toBe('secretsmanager:myapp/prod');
});
