import { expect, test, vi } from 'vitest';
import { type FakeVault, startVault } from '../../support/vault.ts';
import { makeConfig } from '../make-config.ts';

const VARS = {
  VAULT_PATH: 'secret/myapp/prod',
  VAULT_ROLE_ID: 'a-role',
  VAULT_SECRET_ID: 'a-secret-id',
};

async function vaultOfShortLogins(): Promise<FakeVault> {
  const vault = await startVault();
  vault.put('secret/', 2, 'myapp/prod', { APP_NAME: vault.url });
  const credentials = { role_id: 'a-role', secret_id: 'a-secret-id' };
  const reads = ['secret/data/myapp/prod'];
  vault.roles.set('approle', { credentials, reads, ttlSeconds: 1 });
  return vault;
}

function renewals({ asked }: FakeVault): number {
  return asked.filter(({ path }) => path.endsWith('renew-self')).length;
}

test('a login is renewed beside a trial of another one, and no more once that one is in use', async () => {
  const [old, next] = await Promise.all([vaultOfShortLogins(), vaultOfShortLogins()]);
  const goOn = async (one: FakeVault) => {
    const enough = renewals(one) + 2;
    await vi.waitFor(() => expect(renewals(one)).toBeGreaterThanOrEqual(enough), 5_000);
  };
  const vars: Record<string, string> = { ...VARS, VAULT_ADDR: old.url };
  const config = await makeConfig({ vars });
  vars['VAULT_ADDR'] = next.url;
  for (const _ of [1, 2]) await config.reload({ dryRun: true });
  await goOn(old);
  await config.reload();
  await config.reload();
  await goOn(next);
  const before = renewals(old);
  await goOn(next);
  expect(renewals(old)).toBe(before);
});
