import type { LDOptions } from '@launchdarkly/node-server-sdk';
import { LaunchDarklyProvider } from '@launchdarkly/openfeature-node-server';
import { ProviderEvents } from '@openfeature/server-sdk';
import type { AppConfig } from '../../config/app-config.ts';
import { openProvider } from './openfeature.ts';
import { type FlagVendor, START_PATIENCE_MS } from './vendor.ts';

/** Follow a LaunchDarkly environment by its stream, through LaunchDarkly's own provider. */
export function openLaunchDarkly(config: AppConfig): Promise<FlagVendor> {
  const { LAUNCHDARKLY_BASE_URL, LAUNCHDARKLY_STREAM_URL, LAUNCHDARKLY_EVENTS_URL } =
    config.snapshot;
  // The SDK tells of a lost and a found stream in its log and nowhere else.
  const complain = (message: string) => {
    if (!message.includes('streaming request')) return;
    provider.events.emit(ProviderEvents.Stale, { message });
  };
  const inform = (message: string) => {
    if (!message.startsWith('Opened LaunchDarkly stream')) return;
    provider.events.emit(ProviderEvents.Ready);
  };
  const options: LDOptions = {
    ...(LAUNCHDARKLY_BASE_URL && { baseUri: LAUNCHDARKLY_BASE_URL }),
    ...(LAUNCHDARKLY_STREAM_URL && { streamUri: LAUNCHDARKLY_STREAM_URL }),
    ...(LAUNCHDARKLY_EVENTS_URL && { eventsUri: LAUNCHDARKLY_EVENTS_URL }),
    // Left to itself the SDK's stream takes any certificate, and sends the key to whoever shows one.
    ...(!LAUNCHDARKLY_STREAM_URL?.startsWith('http:') && {
      tlsParams: { rejectUnauthorized: true },
    }),
    diagnosticOptOut: true,
    logger: { error: complain, warn: complain, info: inform, debug: () => undefined },
  };
  const sdkKey = config.get('LAUNCHDARKLY_SDK_KEY')?.reveal() ?? '';
  const provider = new LaunchDarklyProvider(sdkKey, options, START_PATIENCE_MS / 1000);
  return openProvider(config, provider, 'launchdarkly');
}
