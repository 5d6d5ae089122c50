import type { AppConfig } from '../../config/app-config.ts';
import type { FlagVendor } from './vendor.ts';

/**
 * The service that FLAGS_VENDOR names, or nothing; only its own code is imported.
 * @throws {ConfigError} when FLAGS_OPENFEATURE_PROVIDER gives no provider
 */
export async function openVendor(config: AppConfig): Promise<FlagVendor | undefined> {
  switch (config.get('FLAGS_VENDOR')) {
    case 'unleash':
      return (await import('./unleash.ts')).openUnleash(config);
    case 'launchdarkly':
      return (await import('./launchdarkly.ts')).openLaunchDarkly(config);
    case 'openfeature': {
      const { loadProvider } = await import('./provider-module.ts');
      const provider = await loadProvider(config);
      return (await import('./openfeature.ts')).openProvider(config, provider, 'openfeature');
    }
    default:
      return undefined;
  }
}
