import { expect, onTestFinished, test, vi } from 'vitest';
import { createVaultClient } from '../../../src/config/layers/vault-client.ts';
import { loadWorld } from '../../support/app.ts';
import { startVault } from '../../support/vault.ts';
import { makeConfig } from '../make-config.ts';

const redirect = (to: string) => ({ status: 307, body: '', headers: { location: to } });

test('a standby’s redirect to another address is followed', async () => {
  const [standby, vault] = [await startVault(), await startVault()];
  vault.put('secret/', 2, 'myapp/prod', { APP_NAME: 'From Vault' });
  const vars = {
    VAULT_ADDR: standby.url,
    VAULT_PATH: 'secret/myapp/prod',
    VAULT_TOKEN: vault.issue(['secret/data/myapp/prod']),
  };
  for (const path of [
    'auth/token/lookup-self',
    'sys/internal/ui/mounts/secret/myapp/prod',
    'secret/data/myapp/prod',
  ]) {
    standby.failNext(redirect(`${vault.url}/v1/${path}`));
  }
  const config = await makeConfig({ vars });
  expect(config.get('APP_NAME')).toBe('From Vault');
});

test('a redirect that leads on and on is followed once', async () => {
  const [vault, other] = [await startVault(), await startVault()];
  vault.failAlways(redirect(`${other.url}/v1/x`));
  other.failAlways(redirect(`${vault.url}/v1/x`));
  const vars = { VAULT_ADDR: vault.url, VAULT_PATH: 'secret/myapp', VAULT_TOKEN: 'hvs.x' };
  const { warnings } = await loadWorld({ vars });
  expect(warnings).toMatchObject([
    {
      reason: `secret/myapp cannot be loaded: Vault at ${vault.url} redirects (status 307)`,
      remedy: 'set VAULT_ADDR to where it leads',
    },
  ]);
  expect([vault.asked.length, other.asked.length]).toEqual([1, 1]);
});

test('a redirect from https to http is not followed, so that no token travels in plain', async () => {
  const asked: unknown[] = [];
  const answer = new Response('', { status: 307, headers: { location: 'http://evil.example/' } });
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return answer;
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  const client = createVaultClient('https://vault.example', undefined);
  const signal = AbortSignal.timeout(1_000);
  await expect(client.read('secret/x', { signal })).rejects.toThrow('redirects (status 307)');
  expect(asked).toEqual(['https://vault.example/v1/secret/x']);
});
