import { z } from 'zod';
import type { Keys } from '../key.ts';
import { kindOfKey, positive, text, toggle } from './kinds.ts';

const live = kindOfKey({ visibility: 'public', reload: 'live' });
const fixed = kindOfKey({ visibility: 'public', reload: 'restart' });
const secret = kindOfKey({ visibility: 'secret', reload: 'live', bare: true });

const cookieName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expects letters, digits, - or _');
// https://developer.chrome.com/blog/cookie-max-age-expires
const LONGEST_COOKIE_SECONDS = 400 * 24 * 60 * 60;
const cookieDomain = z.string().regex(/^\.?[\w-]+(\.[\w-]+)*$/, 'expects a domain name');

/** Signing, the session cookie and cross-site protection. */
export const securityKeys = {
  SECRET_KEY: secret(text, 'Signs sessions and keys fingerprints; 32 bytes or more in production.'),
  SECRET_KEY_FALLBACKS: secret(
    z.array(text),
    'Earlier values of SECRET_KEY that are still accepted while it is rotated.',
  ),
  SESSION_COOKIE_NAME: fixed(
    cookieName,
    'The name of the session cookie; sent as `__Host-NAME` where it is Secure, has the path / and no domain.',
  ),
  SESSION_COOKIE_SECURE: fixed(toggle, 'Sends the session cookie over https only.'),
  SESSION_COOKIE_HTTPONLY: fixed(toggle, 'Hides the session cookie from scripts.'),
  SESSION_COOKIE_SAMESITE: fixed(
    z.enum(['lax', 'strict', 'none']),
    'Whether other sites may cause the session cookie to be sent.',
  ),
  SESSION_COOKIE_DOMAIN: fixed(
    cookieDomain.optional(),
    'The domain whose hosts share the session cookie; not set: this host alone.',
  ),
  SESSION_COOKIE_PATH: fixed(
    z.enum(['/', '/ops']),
    'The path below which the session cookie is sent; only /ops has sessions.',
  ),
  SESSION_TTL_SECONDS: live(
    positive.max(LONGEST_COOKIE_SECONDS),
    'How long (s) a session lives without being used.',
  ),
  SESSION_ABSOLUTE_TTL_SECONDS: live(positive, 'How long (s) a session may live, used or not.'),
  CSRF_ENABLED: fixed(
    toggle,
    'Demands a token for every change made with a session; refused off in production.',
  ),
} satisfies Keys;
