import { z } from 'zod';
import type { Keys } from '../key.ts';

const webUrl = z
  .string()
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'expects a URL: https://...');

/** A service outside that decides about flags, above the configuration and below overrides. */
export const vendorKeys = {
  FLAGS_VENDOR: {
    type: z.enum(['unleash', 'launchdarkly', 'openfeature']).optional(),
    doc: 'The service that decides about flags; not set, none does and nothing of it is loaded.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  FLAGS_VENDOR_REFRESH_SECONDS: {
    type: z.int().min(1),
    doc: 'How often (s) the flags of LaunchDarkly or an OpenFeature provider are read again.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  UNLEASH_URL: {
    type: webUrl.optional(),
    doc: 'The Unleash server or Edge, with or without /api at its end.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  UNLEASH_TOKEN: {
    type: z.string().min(1).optional(),
    doc: 'A backend (client) token of Unleash, which also chooses the Unleash environment.',
    visibility: 'secret',
    reload: 'live',
    bare: true,
  },
  UNLEASH_APP_NAME: {
    type: z.string().min(1).optional(),
    doc: 'The name under which Unleash lists the app; APP_NAME unless it is set.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  UNLEASH_REFRESH_SECONDS: {
    type: z.int().min(1),
    doc: 'How often (s) Unleash is asked for changes.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  LAUNCHDARKLY_SDK_KEY: {
    type: z.string().min(1).optional(),
    doc: 'The server-side SDK key of a LaunchDarkly environment.',
    visibility: 'secret',
    reload: 'restart',
    bare: true,
  },
  LAUNCHDARKLY_BASE_URL: {
    type: webUrl.optional(),
    doc: 'Where LaunchDarkly is polled, for a Relay Proxy or a private instance.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  LAUNCHDARKLY_STREAM_URL: {
    type: webUrl.optional(),
    doc: 'Where LaunchDarkly streams from.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  LAUNCHDARKLY_EVENTS_URL: {
    type: webUrl.optional(),
    doc: 'Where LaunchDarkly takes what was evaluated.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  FLAGS_OPENFEATURE_PROVIDER: {
    type: z.string().min(1).optional(),
    doc: 'A package, or a file (./provider.ts in the instance folder), that exports a provider.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
} satisfies Keys;
