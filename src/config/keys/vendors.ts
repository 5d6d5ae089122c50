import { z } from 'zod';
import type { Keys } from '../key.ts';
import { httpUrl, kindOfKey, optionalText, period } from './kinds.ts';

const fixed = kindOfKey({ visibility: 'public', reload: 'restart', bare: true });
const secret = { visibility: 'secret', bare: true } as const;

const url = httpUrl('expects a URL: https://...').optional();

/** A service outside that decides about flags, above the configuration and below overrides. */
export const vendorKeys = {
  FLAGS_VENDOR: fixed(
    z.enum(['unleash', 'launchdarkly', 'openfeature']).optional(),
    'The service that decides about flags; not set, none does and nothing of it is loaded.',
  ),
  FLAGS_VENDOR_REFRESH_SECONDS: fixed(
    period,
    'How often (s) the flags of LaunchDarkly or an OpenFeature provider are read again.',
  ),
  UNLEASH_URL: fixed(url, 'The Unleash server or Edge, with or without /api at its end.'),
  // A server that is left at the next restart must not get the token of the one that follows.
  UNLEASH_TOKEN: kindOfKey({
    ...secret,
    reload: 'live',
    waitsWith: ['FLAGS_VENDOR', 'UNLEASH_URL'],
  })(
    optionalText,
    'A backend (client) token of Unleash, which also chooses the Unleash environment.',
  ),
  UNLEASH_APP_NAME: fixed(
    optionalText,
    'The name under which Unleash lists the app; APP_NAME unless it is set.',
  ),
  UNLEASH_REFRESH_SECONDS: fixed(period, 'How often (s) Unleash is asked for changes.'),
  LAUNCHDARKLY_SDK_KEY: kindOfKey({ ...secret, reload: 'restart' })(
    optionalText,
    'The server-side SDK key of a LaunchDarkly environment.',
  ),
  LAUNCHDARKLY_BASE_URL: fixed(
    url,
    'Where LaunchDarkly is polled, for a Relay Proxy or a private instance.',
  ),
  LAUNCHDARKLY_STREAM_URL: fixed(url, 'Where LaunchDarkly streams from.'),
  LAUNCHDARKLY_EVENTS_URL: fixed(url, 'Where LaunchDarkly takes what was evaluated.'),
  FLAGS_OPENFEATURE_PROVIDER: fixed(
    optionalText,
    'A package, or a file (./provider.ts in the instance folder), that exports a provider.',
  ),
} satisfies Keys;
