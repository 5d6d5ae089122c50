import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openVendor } from '../../src/flags/sources/open.ts';
import { makeConfig } from '../config/make-config.ts';
import { place } from '../support/app.ts';

describe('without its settings a chosen vendor is refused, and the error names them', () => {
  test.each([
    ['unleash', ['UNLEASH_URL', 'UNLEASH_TOKEN']],
    ['launchdarkly', ['LAUNCHDARKLY_SDK_KEY']],
    ['openfeature', ['FLAGS_OPENFEATURE_PROVIDER']],
  ])('%s needs %s', async (vendor, keys) => {
    const loading = makeConfig({ vars: { FLAGS_VENDOR: vendor } });
    await expect(loading).rejects.toMatchObject({
      name: 'ConfigError',
      problems: keys.map((key) => ({ key, reason: `is needed where FLAGS_VENDOR is ${vendor}` })),
    });
  });

  test('a vendor that is not known is refused', async () => {
    const loading = makeConfig({ vars: { FLAGS_VENDOR: 'flagsmith' } });
    await expect(loading).rejects.toMatchObject({ problems: [{ key: 'FLAGS_VENDOR' }] });
  });
});

test.each([
  ['unleash', { UNLEASH_URL: 'http://127.0.0.1:1/api', UNLEASH_TOKEN: 'a' }],
  ['launchdarkly', { LAUNCHDARKLY_SDK_KEY: 'a' }],
  ['openfeature', { FLAGS_OPENFEATURE_PROVIDER: './a.ts' }],
])('a running %s keeps all it needs until a restart takes it away', async (vendor, settings) => {
  const vars: Record<string, string> = { FLAGS_VENDOR: vendor, ...settings };
  const config = await makeConfig({ vars });
  const before = config.snapshot;
  for (const name of Object.keys(vars)) delete vars[name];
  const { restartRequired } = await config.reload();
  expect(restartRequired).toEqual(['FLAGS_VENDOR', ...Object.keys(settings)]);
  expect(config.snapshot).toBe(before);
});

test('without FLAGS_VENDOR there is none', async () => {
  expect(await openVendor(await makeConfig())).toBeUndefined();
});

const RESOLVERS = `
  metadata = { name: 'mine' };
  async resolveBooleanEvaluation(key) {
    if (key !== 'FEATURE_SIGNUP_V2') return { value: false, errorCode: 'FLAG_NOT_FOUND' };
    return { value: true };
  }
  async resolveStringEvaluation() { return { value: '', errorCode: 'TYPE_MISMATCH' }; }
  async resolveObjectEvaluation() { return { value: {}, errorCode: 'TYPE_MISMATCH' }; }
`;

async function openFile(text: string) {
  const placed = place({ instance: { 'provider.ts': text } });
  const vars = { FLAGS_VENDOR: 'openfeature', FLAGS_OPENFEATURE_PROVIDER: './provider.ts' };
  const config = await makeConfig({ vars }, placed);
  const vendor = await openVendor(config);
  onTestFinished(() => vendor?.close());
  return vendor;
}

describe('FLAGS_OPENFEATURE_PROVIDER names a module that exports', () => {
  test.each([
    ['a provider', `class P {${RESOLVERS}}\nexport default new P();`],
    ['a class of providers', `export default class {${RESOLVERS}}`],
    ['a function that makes one', `class P {${RESOLVERS}}\nexport default () => new P();`],
    [
      'an asynchronous function of the configuration',
      `class P {${RESOLVERS}}\nexport default async (config: { get(key: string): unknown }) =>
         config.get('ENV') === 'testing' ? new P() : undefined;`,
    ],
  ])('%s', async (_what, text) => {
    const vendor = await openFile(text);
    expect(vendor?.values()).toEqual(new Map([['FEATURE_SIGNUP_V2', true]]));
    expect(vendor?.status()).toMatchObject({ source: 'openfeature', status: 'fresh' });
  });

  test.each([
    ['nothing', 'export const nothing = 1;', 'exports neither a provider nor a function'],
    ['no provider', 'export default { resolve: 1 };', 'exports neither a provider'],
    ['a fault', `throw new RangeError('CANARY-7f3a9c');`, 'cannot be loaded (RangeError)'],
    ['no TypeScript', 'export default CANARY-7f3a9c;', 'cannot be loaded ('],
  ])('%s, and is refused without a word of it', async (_what, text, reason) => {
    const failure = await openFile(text).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'ConfigError',
      problems: [{ key: 'FLAGS_OPENFEATURE_PROVIDER', reason: expect.stringContaining(reason) }],
    });
    expect(String(failure)).not.toContain('CANARY');
  });

  test.each([
    ['a function that', 'export default () => new Promise(() => undefined);'],
    ['in a module that', 'await new Promise(() => undefined);\nexport default {};'],
  ])('%s never settles, and is refused after 10 s', async (_what, text) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const failure = openFile(text).catch((error: unknown) => error);
    while (vi.getTimerCount() === 0) await new Promise(setImmediate);
    vi.advanceTimersByTime(10_000);
    expect(await failure).toMatchObject({
      problems: [{ reason: 'cannot be loaded (it does not answer in time)' }],
    });
  });
});
