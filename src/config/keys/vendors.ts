import { z } from 'zod';
import type { Keys } from '../key.ts';

const text = z.string().min(1);
const seconds = z.int().min(1);
const webUrl = z
  .string()
  .refine((url) => /^https?:\/\//.test(url) && URL.canParse(url), 'expects a URL: https://...');

const setting = <T extends z.ZodType>(type: T, doc: string) =>
  ({ type, doc, visibility: 'public', reload: 'restart', bare: true }) as const;

/** A service outside that decides about flags, above the configuration and below overrides. */
export const vendorKeys = {
  FLAGS_VENDOR: setting(
    z.enum(['unleash', 'launchdarkly', 'openfeature']).optional(),
    'The service that decides about flags; not set, none does and nothing of it is loaded.',
  ),
  FLAGS_VENDOR_REFRESH_SECONDS: setting(
    seconds,
    'How often (s) the flags of LaunchDarkly or an OpenFeature provider are read again.',
  ),
  UNLEASH_URL: setting(
    webUrl.optional(),
    'The Unleash server or Edge, with or without /api at its end.',
  ),
  UNLEASH_TOKEN: {
    type: text.optional(),
    doc: 'A backend (client) token of Unleash, which also chooses the Unleash environment.',
    visibility: 'secret',
    reload: 'live',
    bare: true,
  },
  UNLEASH_APP_NAME: setting(
    text.optional(),
    'The name under which Unleash lists the app; APP_NAME unless it is set.',
  ),
  UNLEASH_REFRESH_SECONDS: setting(seconds, 'How often (s) Unleash is asked for changes.'),
  LAUNCHDARKLY_SDK_KEY: {
    ...setting(text.optional(), 'The server-side SDK key of a LaunchDarkly environment.'),
    visibility: 'secret',
  },
  LAUNCHDARKLY_BASE_URL: setting(
    webUrl.optional(),
    'Where LaunchDarkly is polled, for a Relay Proxy or a private instance.',
  ),
  LAUNCHDARKLY_STREAM_URL: setting(webUrl.optional(), 'Where LaunchDarkly streams from.'),
  LAUNCHDARKLY_EVENTS_URL: setting(
    webUrl.optional(),
    'Where LaunchDarkly takes what was evaluated.',
  ),
  FLAGS_OPENFEATURE_PROVIDER: setting(
    text.optional(),
    'A package, or a file (./provider.ts in the instance folder), that exports a provider.',
  ),
} satisfies Keys;
