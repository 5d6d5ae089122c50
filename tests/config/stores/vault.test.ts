import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadWorld, makeApp, placeFiles, type World } from '../../support/app.ts';
import { type FakeVault, startVault } from '../../support/vault.ts';
import { makeConfig } from '../make-config.ts';

const READS = ['secret/data/myapp/prod'];

/** A Vault with one secret, and variables that name it but no way to log in. */
async function vaultWithSecret(members: Record<string, unknown> = { APP_NAME: 'From Vault' }) {
  const vault = await startVault();
  vault.put('secret/', 2, 'myapp/prod', members);
  const vars: Record<string, string> = {
    VAULT_ADDR: vault.url,
    VAULT_PATH: 'secret/myapp/prod',
    VAULT_REQUIRED: 'yes',
  };
  return { vault, vars };
}

async function told(world: World): Promise<string[]> {
  const { problems } = await loadWorld(world);
  return problems.map(({ key, reason, remedy }) => `${key} ${reason}: ${remedy}`);
}

function logins({ asked }: FakeVault): number {
  return asked.filter(({ path }) => path.endsWith('/login')).length;
}

const APPROLE = { VAULT_ROLE_ID: 'a-role', VAULT_SECRET_ID: 'a-secret-id' };
const APPROLE_LOGIN = { role_id: 'a-role', secret_id: 'a-secret-id' };
const tokenFile = () => `${placeFiles({ token: 'a.jwt.of-the-pod\n' })}/token`;

test.each([
  ['AppRole', 'approle', APPROLE_LOGIN, () => APPROLE],
  [
    'AppRole elsewhere',
    'teams/shop',
    APPROLE_LOGIN,
    () => ({ ...APPROLE, VAULT_APPROLE_MOUNT: 'teams/shop' }),
  ],
  [
    'Kubernetes',
    'kubernetes',
    { role: 'shop', jwt: 'a.jwt.of-the-pod' },
    () => ({ VAULT_K8S_ROLE: 'shop', VAULT_K8S_TOKEN_FILE: tokenFile() }),
  ],
  [
    'Kubernetes elsewhere',
    'k8s-two',
    { role: 'shop', jwt: 'a.jwt.of-the-pod' },
    () => ({
      VAULT_K8S_ROLE: 'shop',
      VAULT_K8S_MOUNT: 'k8s-two',
      VAULT_K8S_TOKEN_FILE: tokenFile(),
    }),
  ],
  [
    'JWT',
    'jwt',
    { role: 'ci', jwt: 'a.jwt.of-ci' },
    () => ({ VAULT_JWT_ROLE: 'ci', VAULT_JWT: 'a.jwt.of-ci' }),
  ],
  [
    'JWT from its file',
    'gitlab',
    { role: 'ci', jwt: 'a.jwt.of-the-pod' },
    () => ({ VAULT_JWT_ROLE: 'ci', VAULT_JWT_FILE: tokenFile(), VAULT_JWT_MOUNT: 'gitlab' }),
  ],
])(
  'a login by %s, also beside a token of somebody’s shell',
  async (_, mount, credentials, more) => {
    const { vault, vars } = await vaultWithSecret();
    vault.roles.set(mount, { credentials, reads: READS });
    const config = await makeConfig({
      vars: { ...vars, ...more(), VAULT_TOKEN: 'hvs.of-a-shell' },
    });
    expect(config.get('APP_NAME')).toBe('From Vault');
    const login = vault.asked.find(({ path }) => path === `/v1/auth/${mount}/login`);
    expect(login?.body).toEqual(credentials);
    expect(login?.headers['x-vault-token']).toBeUndefined();
  },
);

test('the namespace is sent along, and nothing that the process’s environment says', async () => {
  for (const name of ['VAULT_TOKEN', 'VAULT_NAMESPACE', 'VAULT_PREFIX', 'VAULT_ADDR']) {
    vi.stubEnv(name, 'stray');
  }
  onTestFinished(() => void vi.unstubAllEnvs());
  const { vault, vars } = await vaultWithSecret();
  vault.roles.set('approle', { credentials: APPROLE_LOGIN, reads: READS });
  const world = { ...vars, ...APPROLE };
  expect((await makeConfig({ vars: world })).get('APP_NAME')).toBe('From Vault');
  expect(vault.asked.map(({ headers }) => headers['x-vault-namespace'])).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  vault.namespace = 'team/shop';
  expect(await told({ vars: world })).toHaveLength(1);
  const config = await makeConfig({ vars: { ...world, VAULT_NAMESPACE: 'team/shop' } });
  expect(config.get('APP_NAME')).toBe('From Vault');
});

test('a token is used for one load after the other, and replaced once it is refused', async () => {
  const { vault, vars } = await vaultWithSecret();
  vault.roles.set('approle', { credentials: APPROLE_LOGIN, reads: READS });
  const config = await makeConfig({ vars: { ...vars, ...APPROLE } });
  await config.reload();
  expect(logins(vault)).toBe(1);
  vault.tokens.clear();
  vault.put('secret/', 2, 'myapp/prod', { APP_NAME: 'Rotated' });
  expect(await config.reload()).toMatchObject({ version: 2 });
  expect([config.get('APP_NAME'), logins(vault)]).toEqual(['Rotated', 2]);
});

test('a new token that is refused, too, is no reason to log in again and again', async () => {
  const { vault, vars } = await vaultWithSecret();
  vault.roles.set('approle', { credentials: APPROLE_LOGIN, reads: [] });
  expect(await told({ vars: { ...vars, ...APPROLE } })).toEqual([
    `VAULT_PATH secret/myapp/prod cannot be loaded: Vault at ${vault.url} denies access, or takes ` +
      'the token no more: let a policy of its token or role read "secret/data/myapp/prod" (KV 2) ' +
      'or "secret/myapp/prod" (KV 1); see docs/stores.md',
  ]);
  expect(logins(vault)).toBe(1);
});

test.each(['VAULT_TOKEN', 'AppRole'])('a token of %s is renewed before it ends', async (kind) => {
  const { vault, vars } = await vaultWithSecret();
  vault.roles.set('approle', { credentials: APPROLE_LOGIN, reads: READS, ttlSeconds: 2 });
  const login = kind === 'AppRole' ? APPROLE : { VAULT_TOKEN: vault.issue(READS, 2) };
  const config = await makeConfig({ vars: { ...vars, ...login } });
  const [token] = [...vault.tokens.values()].slice(-1);
  const end = token?.endsAt ?? 0;
  await vi.waitFor(() => expect(token?.endsAt).toBeGreaterThan(end), 5_000);
  expect(vault.asked.at(-1)).toMatchObject({ method: 'POST', path: '/v1/auth/token/renew-self' });
  expect((await config.reload()).changes).toEqual([]);
  expect(config.sources()).toContainEqual(
    expect.objectContaining({ source: 'vault:secret/myapp/prod', status: 'fresh' }),
  );
});

test('a token is not renewed once the app is closed', async () => {
  const { vault, vars } = await vaultWithSecret();
  vault.roles.set('approle', { credentials: APPROLE_LOGIN, reads: READS, ttlSeconds: 1 });
  const { locals } = await makeApp({ vars: { ...vars, ...APPROLE } });
  const renewals = () => vault.asked.filter(({ path }) => path.endsWith('renew-self')).length;
  await vi.waitFor(() => expect(renewals()).toBeGreaterThan(0), 5_000);
  await locals.close();
  const before = renewals();
  await sleep(1_500);
  expect(renewals()).toBe(before);
});

test.each([
  ['a newest version that is deleted', 'has that secret with its newest version deleted'],
  ['nothing at the path', 'has no such secret (status 404): check VAULT_PATH and VAULT_NAMESPACE'],
  ['data/ in the path', 'VAULT_NAMESPACE; leave data/ out'],
  ['a mount of version 1 that has nothing there', 'has no such secret (status 404)'],
  ['a mount of version 2 whose version is not told', 'has no such secret (status 404)'],
])('%s is told as it is', async (kind, reason) => {
  const { vault, vars } = await vaultWithSecret();
  const reads = [...READS, 'kv/other', 'secret/data/data/myapp/prod', 'secret/data/missing'];
  vars['VAULT_TOKEN'] = vault.issue(reads);
  if (kind.includes('deleted')) vault.softDelete('secret/', 'myapp/prod');
  if (kind.includes('nothing at')) vars['VAULT_PATH'] = 'secret/missing';
  if (kind.includes('data/')) vars['VAULT_PATH'] = 'secret/data/myapp/prod';
  if (kind.includes('version 1')) {
    vault.tellsMounts = false;
    vault.put('kv/', 1, 'myapp', {});
    vars['VAULT_PATH'] = 'kv/other';
  }
  if (kind.includes('not told')) {
    vault.tellsMounts = false;
    vars['VAULT_PATH'] = 'secret/missing';
  }
  const [first = '', ...others] = await told({ vars });
  expect(others).toEqual([]);
  expect(first).toContain(reason);
});

test('a mount may be several segments deep, where Vault tells of it', async () => {
  const { vault, vars } = await vaultWithSecret();
  vault.put('teams/shop/kv/', 2, 'shop+eu/prod', { APP_NAME: 'Deep' });
  vars['VAULT_TOKEN'] = vault.issue(['teams/shop/kv/data/shop+eu/prod']);
  const config = await makeConfig({
    vars: { ...vars, VAULT_PATH: '/teams/shop/kv/shop+eu/prod/' },
  });
  expect(config.get('APP_NAME')).toBe('Deep');
});

test('explain tells when a version of a secret was written', async () => {
  const before = Date.now();
  const { vault, vars } = await vaultWithSecret({ SECRET_KEY: 'x'.repeat(32) });
  vars['VAULT_TOKEN'] = vault.issue(READS);
  const [said] = (await makeConfig({ vars })).explain('SECRET_KEY');
  expect(said?.changedAt).toBeGreaterThanOrEqual(before);
});
