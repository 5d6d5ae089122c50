import type { LDLogger, LDOptions } from '@launchdarkly/node-server-sdk';
import { LaunchDarklyProvider } from '@launchdarkly/openfeature-node-server';
import { ProviderEvents } from '@openfeature/server-sdk';
import type { AppConfig } from '../../config/app-config.ts';
import type { FlagVendor } from '../vendor.ts';
import { START_PATIENCE_MS } from './feed.ts';
import { openProvider } from './openfeature.ts';

/** Follow a LaunchDarkly environment by its stream, through LaunchDarkly's own provider. */
export function openLaunchDarkly(config: AppConfig): Promise<FlagVendor> {
  const { LAUNCHDARKLY_BASE_URL, LAUNCHDARKLY_STREAM_URL, LAUNCHDARKLY_EVENTS_URL } =
    config.snapshot;
  const options: LDOptions = {
    ...(LAUNCHDARKLY_BASE_URL && { baseUri: LAUNCHDARKLY_BASE_URL }),
    ...(LAUNCHDARKLY_STREAM_URL && { streamUri: LAUNCHDARKLY_STREAM_URL }),
    ...(LAUNCHDARKLY_EVENTS_URL && { eventsUri: LAUNCHDARKLY_EVENTS_URL }),
    // Left to itself the SDK's stream takes any certificate, and sends the key to whoever shows one.
    ...(LAUNCHDARKLY_STREAM_URL?.startsWith('http:')
      ? {}
      : { tlsParams: { rejectUnauthorized: true } }),
    diagnosticOptOut: true,
    logger: connectionLogger((message) => {
      const event = message === undefined ? ProviderEvents.Ready : ProviderEvents.Stale;
      provider.events.emit(event, message === undefined ? {} : { message });
    }),
  };
  const sdkKey = config.get('LAUNCHDARKLY_SDK_KEY')?.reveal() ?? '';
  const provider = new LaunchDarklyProvider(sdkKey, options, START_PATIENCE_MS / 1000);
  return openProvider(config, provider, 'launchdarkly');
}

// The SDK tells of a lost and a found stream in its log and nowhere else.
function connectionLogger(tell: (trouble: string | undefined) => void): LDLogger {
  const complain = (text: string) => {
    if (text.includes('streaming request')) tell(text);
  };
  return {
    error: complain,
    warn: complain,
    info: (text: string) => {
      if (text.startsWith('Opened LaunchDarkly stream')) tell(undefined);
    },
    debug: () => undefined,
  };
}
