import { expect, test, vi } from 'vitest';
import { makeApp, PRODUCTION_VARS, placeFiles } from '../../support/app.ts';
import { runCli, startServer } from '../../support/process.ts';
import { production, STORES } from './worlds.ts';

/** Options of Node that have it tell which clients of stores it loads. */
function tellsClients(): Record<string, string> {
  const hook = [
    "import { registerHooks } from 'node:module';",
    'const clients = /node_modules\\/(@aws-sdk\\/client-[a-z-]+|node-vault|axios|@smithy)\\//;',
    'registerHooks({ resolve(specifier, context, next) {',
    '  const resolved = next(specifier, context);',
    '  const [, client] = clients.exec(resolved.url) ?? [];',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code of the hook
    '  if (client) process.stderr.write(`loaded ${client}\\n`);',
    '  return resolved;',
    '} });',
  ].join('\n');
  return { NODE_OPTIONS: `--import ${placeFiles({ 'hook.mjs': hook })}/hook.mjs` };
}

function loaded(stderr: string): string[] {
  const names = [...stderr.matchAll(/^loaded (\S+)$/gm)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => /client-|vault/.test(name));
}

test('without a store no client of one is loaded, whatever address or region is set', async () => {
  const vars = { ...tellsClients(), AWS_REGION: 'eu-central-1', VAULT_ADDR: 'http://127.0.0.1:9' };
  const { code, stderr } = await runCli(['show-config', '--all'], { vars });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const server = startServer({ vars });
  await server.url();
  server.process.kill('SIGTERM');
  expect((await server.ended()).stderr).not.toContain('loaded');
});

test.each(Object.entries(STORES))('%s alone loads its own client alone', async (name, open) => {
  const { vars } = await open();
  const { code, stderr } = await runCli(['check-config'], {
    env: 'production',
    vars: { ...vars, ...tellsClients() },
  });
  const [client] = { SSM: ['@aws-sdk/client-ssm'], Vault: ['node-vault'] }[name] ?? [
    '@aws-sdk/client-secrets-manager',
  ];
  expect({ code, loaded: loaded(stderr) }).toEqual({ code: 0, loaded: [client] });
});

test.each(Object.entries(STORES))('the commands show what comes from %s', async (_, open) => {
  const world = production(await open({ ...PRODUCTION_VARS, RATE_LIMIT: '{"MAX":9}' }));
  const [all, sources, story] = await Promise.all([
    runCli(['show-config', '--all', '--origin'], world),
    runCli(['show-config', '--sources'], world),
    runCli(['explain', 'SECRET_KEY'], world),
  ]);
  expect(all.code).toBe(0);
  expect(all.stdout).toMatch(/^SECRET_KEY=\*\*\* {2}# (?:ssm|vault|secretsmanager):.*SECRET_KEY$/m);
  expect(all.stdout).toMatch(/^RATE_LIMIT=.*"MAX":9.* {2}# \S+RATE_LIMIT > ProductionConfig$/m);
  expect(sources.stdout).toMatch(/fresh +(?:ssm|vault|secretsmanager):\S+ \(3 keys, \d s ago\)$/m);
  expect(story.stdout).toMatch(/^wins +(?:aws|vault) +\*\*\* \[\w+\] +\S+ \(changed \d+ \w+ ago\)/);
});

test.each(Object.entries(STORES))('with %s hanging a boot ends, and says why', async (_, open) => {
  const store = await open();
  store.server.failAlways('hang');
  const timeout = {
    SSM_TIMEOUT_MS: '500',
    SECRETS_MANAGER_TIMEOUT_MS: '500',
    VAULT_TIMEOUT_MS: '500',
  };
  const { code, stdout, stderr } = await startServer(production(store, timeout)).ended();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const line = stderr.split('\n').find((one) => one.includes(store.key)) ?? '';
  expect(line).toContain(`${store.source.replace(/^\w+:/, '')} cannot be loaded: `);
  expect(line).toContain(`at ${store.server.url} did not answer within 500 ms`);
  const check = await runCli(['check-config'], production(store, timeout));
  expect({ code: check.code, stdout: check.stdout }).toEqual({ code: 2, stdout: '' });
});

test('check-config exits 2 also where the store that is away is not required', async () => {
  const { server, vars } = (await STORES['Vault']?.()) ?? {};
  server?.stop();
  const { code, stdout, stderr } = await runCli(['check-config'], { vars: vars ?? {} });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^warning: VAULT_PATH secret\/myapp\/prod cannot be loaded: Vault at /);
  expect((await runCli(['show-config', 'PORT'], { vars: vars ?? {} })).code).toBe(0);
});

test.each(Object.entries(STORES))('what changes in %s reaches the running app', async (_, open) => {
  const store = await open({ ...PRODUCTION_VARS, APP_NAME: 'One' });
  const app = await makeApp(
    production(store, { APP_SECRETS_REFRESH_SECONDS: '1', LOG_LEVEL: 'silent' }),
  );
  const { config } = app.locals;
  store.set('APP_NAME', 'Two');
  await vi.waitFor(() => expect(config.get('APP_NAME')).toBe('Two'), 5_000);
  expect(config.version).toBe(2);
  store.server.failAlways('reset');
  const status = () => config.sources().find(({ source }) => source === store.source);
  await vi.waitFor(() => expect(status()?.status).toBe('stale'), 10_000);
  expect(status()).toMatchObject({ reason: expect.stringContaining('cannot be reached') });
  expect(status()?.nextTryAt).toBeGreaterThan(Date.now());
  expect([config.get('APP_NAME'), config.version]).toEqual(['Two', 2]);
});
