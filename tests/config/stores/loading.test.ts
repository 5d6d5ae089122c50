import { expect, test } from 'vitest';
import { loadWorld, type World } from '../../support/app.ts';
import { AWS_VARS } from '../../support/aws.ts';
import { startSecretsManager } from '../../support/secrets-manager.ts';
import { startSsm } from '../../support/ssm.ts';
import { startVault } from '../../support/vault.ts';

/** What a load gave for some keys, and what it complained of. */
async function read(world: World, ...keys: string[]) {
  const { values, contributions, problems, warnings, sources } = await loadWorld(world);
  const origins = keys.map((key) => contributions.get(key)?.at(-1)?.source);
  return { values: keys.map((key) => values[key]), origins, problems, warnings, sources };
}

test('SSM gives every parameter below its path, on all pages, and none of a neighbour', async () => {
  const many = Array.from({ length: 25 }, (_, index) => [`/myapp/prod/OTHER_${index}`, 'x']);
  const ssm = await startSsm({
    ...Object.fromEntries(many),
    '/myapp/prod/SECRET_KEY': 'from-ssm',
    '/myapp/prod/RATE_LIMIT/MAX': '7',
    '/myapp/prod/rate_limit/login/max': '3',
    '/myapp/prod/CORS_ORIGINS': {
      value: 'https://a.example,https://b.example',
      type: 'StringList',
    },
    '/myapp/prod-other/APP_NAME': 'stolen',
    '/myapp/APP_NAME': 'stolen',
  });
  const vars = { ...AWS_VARS, AWS_ENDPOINT_URL: ssm.url, SSM_PATH: '/myapp/prod/' };
  const { sources, warnings, ...seen } = await read(
    { vars },
    'SECRET_KEY',
    'RATE_LIMIT',
    'CORS_ORIGINS',
    'APP_NAME',
  );
  expect(seen).toEqual({
    values: [
      'from-ssm',
      { WINDOW_SECONDS: 60, MAX: 7, LOGIN: { WINDOW_SECONDS: 900, MAX: 3 } },
      ['https://a.example', 'https://b.example'],
      'Strata',
    ],
    origins: [
      'ssm:/myapp/prod/SECRET_KEY',
      'ssm:/myapp/prod/rate_limit/login/max',
      'ssm:/myapp/prod/CORS_ORIGINS',
      'TestingConfig',
    ],
    problems: [],
  });
  expect(warnings.map(({ origin }) => origin).sort()).toEqual(
    many.map(([name]) => `ssm:${name}`).sort(),
  );
  expect(sources).toContainEqual(
    expect.objectContaining({ source: 'ssm:/myapp/prod', status: 'fresh', keys: 3, attempts: 1 }),
  );
  expect(ssm.asked).toHaveLength(3);
});

test('Secrets Manager gives the members of its JSON secret', async () => {
  const server = await startSecretsManager({
    'myapp/prod': { secret_key: '0123', PORT: 81, RATE_LIMIT__MAX: 9, DEBUG: 'yes', other: 1 },
  });
  const vars = { ...AWS_VARS, AWS_ENDPOINT_URL: server.url, SECRETS_MANAGER_ID: 'myapp/prod' };
  const { sources, warnings, ...seen } = await read({ vars }, 'SECRET_KEY', 'PORT', 'DEBUG');
  expect(seen).toEqual({
    values: ['0123', 81, true],
    origins: ['secret_key', 'PORT', 'DEBUG'].map((name) => `secretsmanager:myapp/prod#${name}`),
    problems: [],
  });
  expect(warnings.map(({ key, reason }) => [key, reason])).toEqual([
    ['OTHER', 'is not a known key'],
  ]);
});

test.each([1, 2] as const)('Vault gives the members of a secret in KV %i', async (version) => {
  const vault = await startVault();
  vault.put('secret/', version, 'myapp/prod', {
    SECRET_KEY: 'from-vault',
    PORT: '81',
    debug: true,
  });
  const allowed = version === 2 ? 'secret/data/myapp/prod' : 'secret/myapp/prod';
  const vars = {
    VAULT_ADDR: vault.url,
    VAULT_PATH: 'secret/myapp/prod',
    VAULT_TOKEN: vault.issue([allowed]),
  };
  const expected = {
    values: ['from-vault', 81, true],
    origins: ['SECRET_KEY', 'PORT', 'debug'].map((name) => `vault:secret/myapp/prod#${name}`),
    problems: [],
    warnings: [],
  };
  expect(await read({ vars }, 'SECRET_KEY', 'PORT', 'DEBUG')).toMatchObject(expected);
  vault.tellsMounts = false;
  expect(await read({ vars }, 'SECRET_KEY', 'PORT', 'DEBUG')).toMatchObject(expected);
});
