import { z } from 'zod';
import type { Keys } from '../key.ts';

const origin = z
  .string()
  .refine(isOrigin, 'expects origins like https://app.example.com, without a path or *');

const limit = { WINDOW_SECONDS: z.int().min(1), MAX: z.int().min(1) };

/** How the app meets the network: URLs, sizes, headers, limits. */
export const httpKeys = {
  PREFERRED_URL_SCHEME: {
    type: z.enum(['http', 'https']),
    doc: 'The scheme that browsers use to reach the app; https turns HSTS on.',
    visibility: 'public',
    reload: 'live',
  },
  SERVER_NAME: {
    type: z
      .string()
      .regex(/^[\w.-]+(?::\d{1,5})?$/, 'expects a host name, with or without a port')
      .optional(),
    doc: 'The public host name, for the address that the app shows of itself.',
    visibility: 'public',
    reload: 'live',
  },
  TRUST_PROXY_HOPS: {
    type: z.int().min(0).max(16),
    doc: 'How many proxies in front set X-Forwarded-For; a number, so no client picks its address.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  MAX_CONTENT_LENGTH: {
    type: z.int().min(1),
    doc: 'The largest request body (bytes), declared or streamed; more is answered with 413.',
    visibility: 'public',
    reload: 'live',
  },
  SEND_FILE_MAX_AGE_DEFAULT: {
    type: z.int().min(0),
    doc: 'How long (s) a browser may keep a static file, whose URL carries a content hash.',
    visibility: 'public',
    reload: 'restart',
  },
  CSP: {
    type: z.string().regex(/^[\t\x20-\x7e]*$/, 'expects one line of ASCII text'),
    doc: 'The Content-Security-Policy header, sent as it is; empty sends none.',
    visibility: 'public',
    reload: 'live',
  },
  HSTS_MAX_AGE: {
    type: z.int().min(0),
    doc: 'How long (s) browsers insist on https; sent only where the scheme is https.',
    visibility: 'public',
    reload: 'live',
  },
  CORS_ORIGINS: {
    type: z.array(origin),
    doc: 'The origins whose pages may call the app; empty sends no CORS headers.',
    visibility: 'public',
    reload: 'live',
  },
  RATE_LIMIT: {
    type: z.strictObject({ ...limit, LOGIN: z.strictObject(limit) }),
    doc: 'Requests (MAX) per time window (s) and address, and the stricter pair for logins.',
    visibility: 'public',
    reload: 'live',
  },
} satisfies Keys;

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
