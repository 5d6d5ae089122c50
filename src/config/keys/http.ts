import { z } from 'zod';
import type { Keys } from '../key.ts';
import { count, kindOfKey, period, positive } from './kinds.ts';

const live = kindOfKey({ visibility: 'public', reload: 'live' });
const fixed = kindOfKey({ visibility: 'public', reload: 'restart' });
const fixedBare = kindOfKey({ visibility: 'public', reload: 'restart', bare: true });

const isOrigin = (url: string) => /^https?:/.test(url) && URL.parse(url)?.origin === url;
const origin = z
  .string()
  .refine(isOrigin, 'expects origins like https://app.example.com, without a path or *');
const origins = z.array(origin);
const hostName = z
  .string()
  .regex(/^[\w.-]+(?::\d{1,5})?$/, 'expects a host name, with or without a port')
  .optional();
const limit = { WINDOW_SECONDS: period, MAX: positive };

/** How the app meets the network: URLs, sizes, headers, limits. */
export const httpKeys = {
  PREFERRED_URL_SCHEME: live(
    z.enum(['http', 'https']),
    'The scheme that browsers use to reach the app; https turns HSTS on.',
  ),
  SERVER_NAME: live(hostName, 'The public host name, for the address the app shows of itself.'),
  TRUST_PROXY_HOPS: fixedBare(
    count.max(16),
    'How many proxies in front set X-Forwarded-For; a number, so no client picks its address.',
  ),
  MAX_CONTENT_LENGTH: live(
    positive,
    'The largest request body (bytes), declared or streamed; more is answered with 413.',
  ),
  SEND_FILE_MAX_AGE_DEFAULT: fixed(
    count,
    'How long (s) a browser may keep a static file, whose URL carries a content hash.',
  ),
  CSP: live(
    z.string().regex(/^[\t\x20-\x7e]*$/, 'expects one line of ASCII text'),
    'The Content-Security-Policy header, sent as it is; empty sends none.',
  ),
  HSTS_MAX_AGE: live(count, 'How long (s) browsers insist on https; sent if the scheme is https.'),
  CORS_ORIGINS: live(
    origins,
    'Origins whose pages may call the app, but for /ops; empty sends no CORS headers.',
  ),
  RATE_LIMIT: live(
    z.strictObject({ ...limit, LOGIN: z.strictObject(limit) }),
    'Requests (MAX) per time window (s) and address, and the stricter pair for logins.',
  ),
} satisfies Keys;
