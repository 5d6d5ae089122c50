import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { onTestFinished } from 'vitest';
import type { App } from '../../src/app.ts';
import { openFeatureProvider } from '../../src/flags/openfeature-provider.ts';

let domains = 0;

/** A client of the app's store, as code written for OpenFeature makes it. */
export async function clientOf({ locals }: App): Promise<Client> {
  domains += 1;
  const domain = `test-${domains}`;
  const provider = openFeatureProvider(locals.flags);
  await OpenFeature.setProviderAndWait(domain, provider);
  onTestFinished(async () => {
    await provider.onClose?.();
  });
  return OpenFeature.getClient(domain);
}
