import { z } from 'zod';
import type { Keys } from '../key.ts';

/** Signing, the session cookie and cross-site protection. */
export const securityKeys = {
  SECRET_KEY: {
    type: z.string().min(1),
    doc: 'Signs sessions and keys the fingerprints; 32 bytes or more in production.',
    visibility: 'secret',
    reload: 'live',
    bare: true,
  },
  SECRET_KEY_FALLBACKS: {
    type: z.array(z.string().min(1)),
    doc: 'Earlier values of SECRET_KEY that are still accepted while it is rotated.',
    visibility: 'secret',
    reload: 'live',
    bare: true,
  },
  SESSION_COOKIE_NAME: {
    type: z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expects letters, digits, - or _'),
    doc: 'The name of the session cookie; sent as `__Host-NAME` where it is Secure, has the path / and no domain.',
    visibility: 'public',
    reload: 'restart',
  },
  SESSION_COOKIE_SECURE: {
    type: z.boolean(),
    doc: 'Sends the session cookie over https only.',
    visibility: 'public',
    reload: 'restart',
  },
  SESSION_COOKIE_HTTPONLY: {
    type: z.boolean(),
    doc: 'Hides the session cookie from scripts.',
    visibility: 'public',
    reload: 'restart',
  },
  SESSION_COOKIE_SAMESITE: {
    type: z.enum(['lax', 'strict', 'none']),
    doc: 'Whether other sites may cause the session cookie to be sent.',
    visibility: 'public',
    reload: 'restart',
  },
  SESSION_COOKIE_DOMAIN: {
    type: z
      .string()
      .regex(/^\.?[\w-]+(\.[\w-]+)*$/, 'expects a domain name')
      .optional(),
    doc: 'The domain whose hosts share the session cookie; not set: this host alone.',
    visibility: 'public',
    reload: 'restart',
  },
  SESSION_COOKIE_PATH: {
    type: z.string().regex(/^\/[\x21-\x3a\x3c-\x7e]*$/, 'expects a path that starts with /'),
    doc: 'The path below which the session cookie is sent.',
    visibility: 'public',
    reload: 'restart',
  },
  SESSION_TTL_SECONDS: {
    type: z.int().min(1),
    doc: 'How long (s) a session lives without being used.',
    visibility: 'public',
    reload: 'live',
  },
  SESSION_ABSOLUTE_TTL_SECONDS: {
    type: z.int().min(1),
    doc: 'How long (s) a session lives, however much it is used.',
    visibility: 'public',
    reload: 'live',
  },
  CSRF_ENABLED: {
    type: z.boolean(),
    doc: 'Demands a token for every change made with a session; refused off in production.',
    visibility: 'public',
    reload: 'restart',
  },
} satisfies Keys;
