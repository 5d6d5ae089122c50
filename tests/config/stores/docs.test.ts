import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { loadWorld } from '../../support/app.ts';
import { PROJECT } from '../../support/process.ts';
import { startVault } from '../../support/vault.ts';
import { makeConfig } from '../make-config.ts';
import { STORES } from './worlds.ts';

const PAGE = readFileSync(join(PROJECT, 'docs', 'stores.md'), 'utf8');

function block(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\\n(.*?)\n\`\`\``, 's').exec(PAGE) ?? [];
  if (text === undefined) throw new Error(`the page has no ${language}`);
  return text;
}

test('the IAM policy allows what was called, and of the rest only what decrypts', async () => {
  const { Statement } = JSON.parse(block('json')) as { Statement: { Action: string }[] };
  const called = new Set<string>();
  for (const name of ['SSM', 'Secrets Manager']) {
    const store = await STORES[name]?.();
    await loadWorld({ vars: store?.vars ?? {} });
    for (const { headers } of store?.server.asked ?? []) {
      called.add(String(headers['x-amz-target']).replace('AmazonSSM.', 'ssm:').replace('.', ':'));
    }
  }
  expect(Statement.map(({ Action }) => Action)).toEqual([...called, 'kms:Decrypt']);
});

test('the policy of Vault is enough, and names nothing that is not asked', async () => {
  const rules = [...block('hcl').matchAll(/path "([^"]+)" \{\s+capabilities = \["(\w+)"\]/g)];
  const allowed = rules.map(([, path, capability]) => `${capability} ${path}`);
  const vault = await startVault();
  vault.put('secret/', 2, 'myapp/prod', { APP_NAME: 'From Vault' });
  const token = vault.issue(
    rules.map(([, path = '']) => path),
    2,
  );
  const vars = { VAULT_ADDR: vault.url, VAULT_PATH: 'secret/myapp/prod', VAULT_TOKEN: token };
  const config = await makeConfig({ vars });
  expect(config.get('APP_NAME')).toBe('From Vault');
  const asked = () =>
    vault.asked
      .map(
        ({ method, path }) =>
          `${method === 'GET' ? 'read' : 'update'} ${path.slice('/v1/'.length)}`,
      )
      .filter((call) => !call.includes('sys/internal/ui/mounts/'));
  await vi.waitFor(() => expect(new Set(asked())).toEqual(new Set(allowed)), 5_000);
});
