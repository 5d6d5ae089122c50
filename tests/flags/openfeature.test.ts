import { TypedInMemoryProvider } from '@openfeature/server-sdk';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openProvider } from '../../src/flags/sources/openfeature.ts';
import { makeConfig } from '../config/make-config.ts';

const on = { variants: { on: true, off: false }, defaultVariant: 'on', disabled: false } as const;
const off = { ...on, defaultVariant: 'off' } as const;

test('a change that the provider tells of is here at once', async () => {
  const provider = new TypedInMemoryProvider({ FEATURE_SIGNUP_V2: off });
  const vendor = await openProvider(await makeConfig(), provider, 'openfeature');
  onTestFinished(() => vendor.close());
  expect(vendor.values().get('FEATURE_SIGNUP_V2')).toEqual({ value: false });
  provider.putConfiguration({ FEATURE_SIGNUP_V2: on });
  await vi.waitFor(() => expect(vendor.values().get('FEATURE_SIGNUP_V2')).toEqual({ value: true }));
  expect(vendor.status()).toEqual({ source: 'openfeature', status: 'fresh', ageSeconds: 0 });
});
