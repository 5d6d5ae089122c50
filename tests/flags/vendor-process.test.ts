import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { canary, leaksIn } from '../config/canary.ts';
import { placeFiles } from '../support/app.ts';
import { PROJECT, startServer } from '../support/process.ts';
import { freePort } from '../support/redis.ts';

// Makes an app and ends it, and tells on standard output what was loaded for it.
const SCRIPT = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
const { createApp } = await import(${JSON.stringify(`${PROJECT}src/app.ts`)});
const instanceDir = process.env.INSTANCE;
const app = await createApp('testing', { processEnv: process.env, instanceDir });
await app.locals.close();
console.log(JSON.stringify(loaded));
`;

const PROVIDER = `export default {
  metadata: { name: 'mine' },
  resolveBooleanEvaluation: async () => ({ value: true }),
};`;

/** Run the script; what of it concerns vendors. */
async function runApp(vars: Record<string, string>) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    cwd: PROJECT,
    env: { PATH: process.env['PATH'], INSTANCE: placeFiles({ 'provider.ts': PROVIDER }), ...vars },
  });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await once(child, 'close');
  const [stdout, stderr] = await outputs;
  if (code !== 0) return { code, stdout, stderr, loaded: [] };
  const urls: string[] = JSON.parse(stdout);
  const names = urls.flatMap((url) => {
    const found = /(?:node_modules|src\/flags\/sources)\/((?:@[^/]+\/)?[^/]+)/.exec(url);
    return found?.[1] ?? [];
  });
  const isVendor = (name: string) =>
    name.endsWith('.ts') || /unleash|launchdarkly|openfeature/.test(name);
  return { code, stdout, stderr, loaded: [...new Set(names.filter(isVendor))].sort() };
}

const port = await freePort();
const nowhere = `http://127.0.0.1:${port}`;
const UNLEASH = { FLAGS_VENDOR: 'unleash', UNLEASH_URL: nowhere, UNLEASH_TOKEN: canary() };
const LAUNCHDARKLY = {
  FLAGS_VENDOR: 'launchdarkly',
  LAUNCHDARKLY_SDK_KEY: canary(),
  LAUNCHDARKLY_BASE_URL: nowhere,
  LAUNCHDARKLY_STREAM_URL: nowhere,
  LAUNCHDARKLY_EVENTS_URL: nowhere,
};
const LAUNCHDARKLY_PACKAGES = [
  '@launchdarkly/js-sdk-common',
  '@launchdarkly/js-server-sdk-common',
  '@launchdarkly/node-server-sdk',
  '@launchdarkly/openfeature-js-server-common',
  '@launchdarkly/openfeature-node-server',
];
const OPENFEATURE = ['@openfeature/core', '@openfeature/server-sdk'];

test.each<[string, Record<string, string>, string[]]>([
  ['without a vendor nothing of any', {}, ['open.ts']],
  [
    'with Unleash its client and no other',
    UNLEASH,
    [
      'launchdarkly-eventsource',
      'open.ts',
      'unleash-rules.ts',
      'unleash-client',
      'unleash.ts',
      'vendor.ts',
    ],
  ],
  [
    'with LaunchDarkly its provider and no other',
    LAUNCHDARKLY,
    [
      ...LAUNCHDARKLY_PACKAGES,
      ...OPENFEATURE,
      ...['launchdarkly-eventsource', 'launchdarkly.ts', 'open.ts', 'openfeature.ts', 'vendor.ts'],
    ],
  ],
  [
    'with a provider of OpenFeature no vendor at all',
    { FLAGS_VENDOR: 'openfeature', FLAGS_OPENFEATURE_PROVIDER: './provider.ts' },
    [...OPENFEATURE, 'open.ts', 'openfeature.ts', 'provider-module.ts', 'vendor.ts'],
  ],
])('%s is loaded, and an app ends well while its vendor is away', async (_what, vars, expected) => {
  const { code, loaded, stdout, stderr } = await runApp(vars);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(loaded).toEqual(expected.sort());
  expect(leaksIn(stdout)).toEqual([]);
});

test.each<[string, Record<string, string>]>([
  ['Unleash', UNLEASH],
  ['LaunchDarkly', LAUNCHDARKLY],
])('a server whose %s is away starts, and never prints its secret', async (_vendor, vars) => {
  const server = startServer({ env: 'development', vars: { ...vars, LOG_LEVEL: 'trace' } });
  const response = await fetch(`${await server.url()}livez`);
  expect(response.status).toBe(200);
  server.process.kill('SIGTERM');
  const { code, stdout, stderr } = await server.ended();
  expect(code).toBe(0);
  expect(leaksIn(stdout + stderr)).toEqual([]);
});
