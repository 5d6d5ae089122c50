import { expect, onTestFinished, test, vi } from 'vitest';
import { loadWorld, PRODUCTION_VARS, placeFiles, type World } from '../../support/app.ts';
import { AWS_VARS } from '../../support/aws.ts';
import { startSsm } from '../../support/ssm.ts';
import { makeConfig } from '../make-config.ts';
import { STORES } from './worlds.ts';

const VAULT = { VAULT_ADDR: 'http://127.0.0.1:9', VAULT_PATH: 'secret/myapp/prod' };
const APPROLE = { VAULT_ROLE_ID: 'a-role', VAULT_SECRET_ID: 'an-id' };

async function told(world: World): Promise<string[]> {
  const { problems } = await loadWorld(world);
  return problems.map(({ key, reason }) => `${key} ${reason}`);
}

test.each([
  [{}],
  [{ VAULT_ADDR: 'http://127.0.0.1:9', VAULT_TOKEN: 'hvs.x', ...APPROLE }],
  [AWS_VARS],
  [{ SSM_PATH: '', SECRETS_MANAGER_ID: '', VAULT_PATH: '' }],
])('without a path no store is asked: %j', async (vars) => {
  const { problems, warnings, sources } = await loadWorld({ vars });
  expect([...problems, ...warnings]).toEqual([]);
  expect(sources.filter(({ status }) => status === 'off').map(({ source }) => source)).toEqual([
    'aws',
    'vault',
  ]);
});

test.each<[Record<string, string>, string[]]>([
  [{ SSM_PATH: '/myapp' }, ['AWS_REGION is needed where SSM_PATH is set']],
  [{ SECRETS_MANAGER_ID: 'myapp' }, ['AWS_REGION is needed where SECRETS_MANAGER_ID is set']],
  [{ SSM_PATH: 'myapp', AWS_REGION: 'eu-central-1' }, ['SSM_PATH expects a path like /myapp/prod']],
  [
    { VAULT_PATH: 'secret/myapp' },
    [
      'VAULT_ADDR is needed where VAULT_PATH is set',
      'VAULT_PATH is set, but no way to log in to Vault is',
    ],
  ],
  [VAULT, ['VAULT_PATH is set, but no way to log in to Vault is']],
  [{ ...VAULT, VAULT_ROLE_ID: 'a-role' }, ['VAULT_SECRET_ID is needed where VAULT_ROLE_ID is set']],
  [{ ...VAULT, VAULT_JWT_ROLE: 'ci' }, ['VAULT_JWT is needed where VAULT_JWT_ROLE is set']],
  [
    { ...VAULT, ...APPROLE, VAULT_K8S_ROLE: 'shop' },
    ['VAULT_PATH has more than one way to log in: VAULT_ROLE_ID and VAULT_K8S_ROLE'],
  ],
  [
    { ...VAULT, ...APPROLE, VAULT_ADDR: 'vault:8200' },
    ['VAULT_ADDR expects an address like https://vault.example.com:8200'],
  ],
  [
    { ...VAULT, ...APPROLE, VAULT_PATH: 'secret' },
    ['VAULT_PATH expects mount and path, like secret/myapp/prod'],
  ],
  [
    { ...VAULT, ...APPROLE, VAULT_TIMEOUT_MS: '30001' },
    ['VAULT_TIMEOUT_MS expects a whole number from 1 to 30000'],
  ],
  [
    { ...VAULT, VAULT_K8S_ROLE: 'shop', VAULT_K8S_TOKEN_FILE: '/nowhere/token' },
    [
      'VAULT_PATH secret/myapp/prod cannot be loaded: Vault at http://127.0.0.1:9 cannot be asked: ' +
        'VAULT_K8S_TOKEN_FILE names a file that does not exist',
    ],
  ],
])('a store that is turned on needs the rest, required or not: %j', async (vars, problems) => {
  expect(await told({ vars })).toEqual(problems);
});

test.each([
  ['SESSION_STORE', 'foo'],
  ['SSM_PATH', 'nope'],
  ['AWS_REGION', 'not a region'],
])('%s=%s is one problem, and Vault is asked as ever', async (key, value) => {
  const vault = await STORES['Vault']?.();
  const { problems, sources } = await loadWorld({
    env: 'production',
    vars: { ...vault?.vars, [key]: value },
  });
  expect(problems.map((one) => one.key)).toEqual([key]);
  expect(sources).toContainEqual(expect.objectContaining({ source: vault?.source, keys: 2 }));
});

test.each([
  [VAULT, 'vault:secret/myapp/prod', ['VAULT_PATH']],
  [{ ...VAULT, VAULT_PATH: 'hvs.canary' }, 'VAULT_PATH', ['VAULT_PATH']],
  [{ SECRETS_MANAGER_ID: 'myapp' }, 'secretsmanager:myapp', ['AWS_REGION']],
])(
  'a store that is set up wrongly is named, and nothing it may hold is missed: %j',
  async (vars, source, keys) => {
    const { problems, sources } = await loadWorld({ env: 'production', vars });
    expect(problems.map(({ key }) => key)).toEqual(keys);
    const failed = sources.filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([{ source, attempts: 0 }]);
  },
);

test('credentials of AWS are looked for as the SDK does, and their lack is a problem', async () => {
  const nothing = placeFiles({ config: '', credentials: '' });
  vi.stubEnv('AWS_CONFIG_FILE', `${nothing}/config`);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', `${nothing}/credentials`);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  onTestFinished(() => void vi.unstubAllEnvs());
  const ssm = await startSsm({ '/myapp/APP_NAME': 'From SSM' });
  const vars = { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: ssm.url, SSM_PATH: '/myapp' };
  expect(await told({ vars })).toEqual([
    `SSM_PATH /myapp cannot be loaded: SSM at ${ssm.url} cannot be asked: no AWS credentials are found`,
  ]);
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = AWS_VARS;
  const profile = [
    '[default]',
    `aws_access_key_id = ${AWS_ACCESS_KEY_ID}`,
    `aws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}`,
  ].join('\n');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', `${placeFiles({ other: profile })}/other`);
  expect((await makeConfig({ vars })).get('APP_NAME')).toBe('From SSM');
});

test('what decides how the stores are read cannot come from them', async () => {
  const ssm = await startSsm({
    '/myapp/VAULT_ADDR': 'http://evil.example',
    '/myapp/SSM_PATH': '/x',
  });
  const vars = { ...AWS_VARS, AWS_ENDPOINT_URL: ssm.url, SSM_PATH: '/myapp' };
  expect((await told({ vars })).sort()).toEqual(
    ['SSM_PATH', 'VAULT_ADDR'].map(
      (key) => `${key} cannot be set here, since it decides where this source is found`,
    ),
  );
});

test('the stores themselves may be set up in instance/ and in secret files', async () => {
  const ssm = await startSsm({ '/myapp/SECRET_KEY': 'x'.repeat(40) });
  const { AWS_REGION, ...credentials } = AWS_VARS;
  const config = await makeConfig({
    env: 'production',
    vars: { ...credentials, AWS_ENDPOINT_URL: ssm.url, DATABASE_URL: PRODUCTION_VARS.DATABASE_URL },
    instance: { 'config.toml': `[production]\nAWS_REGION = "${AWS_REGION}"` },
    secrets: { ssm_path: '/myapp\n' },
  });
  expect(config.origin('SECRET_KEY')).toEqual({ layer: 'aws', source: 'ssm:/myapp/SECRET_KEY' });
});

test('a store at another address that fails at a reload is refused, not taken for the old one', async () => {
  const ssm = await startSsm({ '/myapp/APP_NAME': 'From SSM' });
  const vars: Record<string, string> = {
    ...AWS_VARS,
    AWS_ENDPOINT_URL: ssm.url,
    SSM_PATH: '/myapp',
    SSM_REQUIRED: 'true',
  };
  const config = await makeConfig({ vars });
  vars['SSM_PATH'] = '/moved';
  await expect(config.reload()).rejects.toThrow('/moved cannot be loaded');
  expect(config.get('APP_NAME')).toBe('From SSM');
});

test('a trial of other settings of Vault does not cost the login of the running ones', async () => {
  const { server, vars } = (await STORES['Vault']?.()) ?? {};
  const all: Record<string, string> = { ...vars };
  const config = await makeConfig({ env: 'production', vars: all });
  for (const trial of ['4000', '3000']) {
    all['VAULT_TIMEOUT_MS'] = trial;
    await config.reload({ dryRun: true });
    delete all['VAULT_TIMEOUT_MS'];
    await config.reload();
  }
  const logins = server?.asked.filter(({ path }) => path.endsWith('/login'));
  expect(logins).toHaveLength(3);
});
