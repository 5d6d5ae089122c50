import { ProviderEvents, ServerProviderStatus } from '@openfeature/server-sdk';
import { expect, test, vi } from 'vitest';
import { openFeatureProvider } from '../../src/flags/openfeature-provider.ts';
import { makeApp } from '../support/app.ts';
import { ldFlag, startLaunchDarkly } from '../support/launchdarkly.ts';
import { clientOf } from './openfeature-client.ts';

const FLAG = 'FEATURE_SIGNUP_V2';

test('the provider becomes ready', async () => {
  const client = await clientOf(await makeApp());
  const ready = vi.fn();
  client.addHandler(ProviderEvents.Ready, ready);
  await vi.waitFor(() => expect(ready).toHaveBeenCalledOnce());
  expect(client.providerStatus).toBe(ServerProviderStatus.READY);
});

test('a change is told with its flag, and is in force when it is told', async () => {
  const app = await makeApp();
  const client = await clientOf(app);
  const told = Promise.withResolvers<unknown>();
  client.addHandler(ProviderEvents.ConfigurationChanged, async (event) => {
    told.resolve([event?.flagsChanged, await client.getBooleanValue(FLAG, false)]);
  });
  await app.locals.flags.set(FLAG, true);
  expect(await told.promise).toEqual([[FLAG], true]);
});

test('a vendor that is away makes it stale with what was known, and ready when it is back', async () => {
  const server = await startLaunchDarkly([ldFlag(FLAG, [true, false])]);
  const client = await clientOf(await makeApp({ vars: server.vars }));
  await server.stop();
  await vi.waitFor(() => expect(client.providerStatus).toBe(ServerProviderStatus.STALE), 5_000);
  expect(await client.getBooleanValue(FLAG, false)).toBe(true);
  await server.start();
  await vi.waitFor(() => expect(client.providerStatus).toBe(ServerProviderStatus.READY), 10_000);
}, 30_000);

test('after its end it tells nothing more', async () => {
  const { flags } = (await makeApp()).locals;
  const provider = openFeatureProvider(flags);
  await provider.initialize?.();
  const told = vi.fn();
  provider.events?.addHandler(ProviderEvents.ConfigurationChanged, told);
  await flags.set(FLAG, true);
  await provider.onClose?.();
  await flags.set(FLAG, false);
  expect(told).toHaveBeenCalledOnce();
});
