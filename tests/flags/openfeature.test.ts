import {
  ErrorCode,
  FlagNotFoundError,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  TypedInMemoryProvider,
} from '@openfeature/server-sdk';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openProvider } from '../../src/flags/sources/openfeature.ts';
import { canary, leaksIn } from '../config/canary.ts';
import { makeConfig } from '../config/make-config.ts';

const FLAG = 'FEATURE_SIGNUP_V2';

type Answer = ResolutionDetails<JsonValue> | Promise<ResolutionDetails<JsonValue>>;

/** A provider that answers for one boolean flag as it is told, and knows no other. */
function scripted(answer: (subject: string | undefined) => Answer) {
  const events = new OpenFeatureEventEmitter();
  const wrongType = async <T>(_key: string, value: T) => ({
    value,
    errorCode: ErrorCode.TYPE_MISMATCH,
  });
  const provider: Provider = {
    metadata: { name: 'scripted' },
    events,
    async resolveBooleanEvaluation(key, _fallback, { targetingKey }) {
      if (key !== FLAG) throw new FlagNotFoundError();
      const said = await answer(targetingKey);
      return { ...said, value: said.value === true };
    },
    resolveStringEvaluation: wrongType,
    resolveNumberEvaluation: wrongType,
    resolveObjectEvaluation: wrongType,
    onClose: vi.fn(async () => undefined),
  };
  return { provider, events };
}

async function open(provider: Provider, vars: Record<string, string> = {}) {
  const vendor = await openProvider(await makeConfig({ vars }), provider, 'openfeature');
  onTestFinished(() => vendor.close());
  return { vendor, said: () => vendor.values().get(FLAG) };
}

test('a change that the provider tells of is here at once', async () => {
  const flag = { variants: { on: true, off: false }, disabled: false } as const;
  const provider = new TypedInMemoryProvider({ [FLAG]: { ...flag, defaultVariant: 'off' } });
  const { vendor, said } = await open(provider);
  expect(said()).toBe(false);
  provider.putConfiguration({ [FLAG]: { ...flag, defaultVariant: 'on' } });
  await vi.waitFor(() => expect(said()).toBe(true));
  expect(vendor.status()).toEqual({ source: 'openfeature', status: 'fresh', ageSeconds: 0 });
});

test('answers that take longer than the interval are taken all the same', async () => {
  let value = false;
  const { provider } = scripted(async () => {
    const said = value;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    return { value: said };
  });
  const { said } = await open(provider, { FLAGS_VENDOR_REFRESH_SECONDS: '1' });
  expect(said()).toBe(false);
  value = true;
  await vi.waitFor(() => expect(said()).toBe(true), { timeout: 10_000 });
});

test('a change that it does not tell of is here after the interval', async () => {
  let value = false;
  const { provider } = scripted(() => ({ value }));
  const { said } = await open(provider, { FLAGS_VENDOR_REFRESH_SECONDS: '1' });
  value = true;
  await vi.waitFor(() => expect(said()).toBe(true), 3_000);
});

test('a flag that is disabled there, or not there, is left to the configuration', async () => {
  const { provider } = scripted(() => ({ value: false, reason: 'DISABLED' }));
  const { vendor } = await open(provider);
  expect(vendor.values().size).toBe(0);
  expect(vendor.status().status).toBe('fresh');
});

describe('a question that fails keeps the last value, and shows no secret:', () => {
  test.each<[string, () => Answer, RegExp]>([
    ['an error', () => Promise.reject(new Error(`key ${canary()} refused`)), /refused/],
    [
      'an error code',
      () => ({ value: false, errorCode: ErrorCode.PROVIDER_NOT_READY }),
      /NOT_READY/,
    ],
    [
      'another type',
      () => ({ value: false, errorCode: ErrorCode.TYPE_MISMATCH }),
      /no value of a flag/,
    ],
  ])('%s', async (_what, failure, reason) => {
    let answer: () => Answer = () => ({ value: true });
    const { provider, events } = scripted(() => answer());
    const { vendor, said } = await open(provider, { UNLEASH_TOKEN: canary() });
    answer = failure;
    events.emit(ProviderEvents.ConfigurationChanged);
    await vi.waitFor(() => expect(vendor.status().reason).toMatch(reason));
    expect(vendor.status().status).toBe('stale');
    expect(said()).toBe(true);
    expect(leaksIn(JSON.stringify(vendor.status()))).toEqual([]);
    answer = () => ({ value: false });
    events.emit(ProviderEvents.ConfigurationChanged);
    await vi.waitFor(() => expect(said()).toBe(false));
    expect(vendor.status().status).toBe('fresh');
  });
});

test('a provider that calls itself stale is, although it answers, until it is ready again', async () => {
  const { provider, events } = scripted(() => ({ value: true }));
  const { vendor, said } = await open(provider, { FLAGS_VENDOR_REFRESH_SECONDS: '1' });
  events.emit(ProviderEvents.Stale, { message: 'no connection' });
  expect(vendor.status()).toMatchObject({ status: 'stale', reason: 'no connection' });
  expect(said()).toBe(true);
  events.emit(ProviderEvents.Ready);
  await vi.waitFor(() => expect(vendor.status().status).toBe('fresh'));
});

test('a slow answer does not undo what a later question found', async () => {
  const slow = Promise.withResolvers<ResolutionDetails<JsonValue>>();
  const answers: Answer[] = [{ value: false }, slow.promise, { value: true }];
  const asked = vi.fn(() => answers.shift() ?? { value: true });
  const { provider, events } = scripted(asked);
  const { said } = await open(provider);
  events.emit(ProviderEvents.ConfigurationChanged);
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2));
  events.emit(ProviderEvents.ConfigurationChanged);
  await vi.waitFor(() => expect(said()).toBe(true));
  slow.resolve({ value: false });
  await new Promise((resolve) => setImmediate(resolve));
  expect(said()).toBe(true);
});

test('a start waits two seconds for a provider that hangs', async () => {
  const { provider } = scripted(() => new Promise(() => undefined));
  const start = performance.now();
  const { vendor } = await open({ ...provider, initialize: () => new Promise(() => undefined) });
  expect(performance.now() - start).toBeLessThan(3_000);
  expect(vendor.status()).toMatchObject({ status: 'stale', reason: 'has not answered yet' });
});

test('evaluate asks it for one subject, and says nothing where it cannot tell', async () => {
  const { provider } = scripted((subject) =>
    subject === 'bob'
      ? Promise.reject(new Error('no'))
      : { value: subject === 'ada', reason: 'TARGETING_MATCH' },
  );
  const { vendor, said } = await open(provider);
  expect(said()).toBe(false);
  expect(await vendor.evaluate?.(FLAG, 'ada')).toEqual({ on: true });
  expect(await vendor.evaluate?.(FLAG, 'bob')).toBeUndefined();
});

test('the end of the app is the end of the provider', async () => {
  const { provider } = scripted(() => ({ value: true }));
  const { vendor } = await open(provider);
  await vendor.close();
  expect(provider.onClose).toHaveBeenCalledOnce();
});
