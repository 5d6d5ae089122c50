import { isIP } from 'node:net';
import { z } from 'zod';
import type { Keys } from '../key.ts';
import { kindOfKey, positive } from './kinds.ts';

const live = kindOfKey({ visibility: 'public', reload: 'live' });
const secret = kindOfKey({ visibility: 'secret', reload: 'live', bare: true });

// https://github.com/P-H-C/phc-string-format
const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=[1-9]\d?,p=([1-9])\$[a-z\d+/]{11,}\$[a-z\d+/]{22,}$/i;

const role = z.enum(['viewer', 'admin']);
const operator = z.strictObject({
  username: z.string().min(1).max(64),
  passwordHash: z
    .string()
    .refine(isHash, 'expects an argon2id hash: npm run hash-password makes one'),
  role,
});

// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const signingKey = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,64}$/, 'expects letters, digits, dots, dashes, underscores'),
  key: z.string().refine(isSigningKey, 'expects whsec_ and the base64 of 24 to 64 random bytes'),
  role,
});

/** Who may look at the running app and change it. */
export const opsKeys = {
  OPS_USERS: {
    ...secret(
      z.array(operator).refine(allDiffer('username'), 'names one user twice'),
      'The operators: username, passwordHash (argon2id) and role (viewer or admin).',
    ),
    publicMembers: ['username', 'role'],
  },
  OPS_SIGNING_KEYS: {
    ...secret(
      z.array(signingKey).refine(allDiffer('id'), 'names one key twice'),
      'The keys of machines that sign requests: id, key (whsec_...) and role (viewer or admin).',
    ),
    publicMembers: ['id', 'role'],
  },
  OPS_NETWORKS: live(
    z.array(z.string().refine(isCidr, 'expects networks like 10.0.0.0/8 or fd00::/8')),
    'The networks that /ops answers to; empty: any.',
  ),
  AUDIT_RETENTION_DAYS: live(
    positive.max(36_500).optional(),
    'How long (days) entries of the audit trail are kept; not set: for ever.',
  ),
} satisfies Keys;

function allDiffer<Name extends string>(name: Name) {
  return (items: readonly Record<Name, string>[]) =>
    new Set(items.map((item) => item[name])).size === items.length;
}

// Argon2 wants 8 KiB for each lane: https://www.rfc-editor.org/rfc/rfc9106#section-3.1
function isHash(text: string): boolean {
  const [, memory, lanes] = ARGON2ID.exec(text) ?? [];
  return Number(memory) >= 8 * Number(lanes);
}

function isSigningKey(text: string): boolean {
  const [, base64 = ''] = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64').length;
  return bytes >= 24 && bytes <= 64;
}

function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}
