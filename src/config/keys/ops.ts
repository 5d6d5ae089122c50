import { isIP } from 'node:net';
import { z } from 'zod';
import type { Keys } from '../key.ts';

// https://github.com/P-H-C/phc-string-format
const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=[1-9]\d?,p=([1-9])\$[a-z\d+/]{11,}\$[a-z\d+/]{22,}$/i;

const operator = z.strictObject({
  username: z.string().min(1).max(64),
  passwordHash: z
    .string()
    .refine(isHash, 'expects an argon2id hash: npm run hash-password makes one'),
  role: z.enum(['viewer', 'admin']),
});

// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
const signingKey = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,64}$/, 'expects letters, digits, dots, dashes, underscores'),
  key: z.string().refine(isSigningKey, 'expects whsec_ and the base64 of 24 to 64 random bytes'),
  role: z.enum(['viewer', 'admin']),
});

// Argon2 wants 8 KiB for each lane: https://www.rfc-editor.org/rfc/rfc9106#section-3.1
function isHash(text: string): boolean {
  const [, memory, lanes] = ARGON2ID.exec(text) ?? [];
  return Number(memory) >= 8 * Number(lanes);
}

/** Who may look at the running app and change it. */
export const opsKeys = {
  OPS_USERS: {
    type: z
      .array(operator)
      .refine(
        (users) => new Set(users.map((user) => user.username)).size === users.length,
        'names one user twice',
      ),
    doc: 'The operators: username, passwordHash (argon2id) and role (viewer or admin).',
    visibility: 'secret',
    publicMembers: ['username', 'role'],
    reload: 'live',
    bare: true,
  },
  OPS_SIGNING_KEYS: {
    type: z
      .array(signingKey)
      .refine(
        (keys) => new Set(keys.map(({ id }) => id)).size === keys.length,
        'names one key twice',
      ),
    doc: 'The keys of machines that sign requests: id, key (whsec_...) and role (viewer or admin).',
    visibility: 'secret',
    publicMembers: ['id', 'role'],
    reload: 'live',
    bare: true,
  },
  OPS_NETWORKS: {
    type: z.array(z.string().refine(isCidr, 'expects networks like 10.0.0.0/8 or fd00::/8')),
    doc: 'The networks that /ops answers to; empty: any.',
    visibility: 'public',
    reload: 'live',
  },
  AUDIT_RETENTION_DAYS: {
    type: z.int().min(1).max(36_500).optional(),
    doc: 'How long (days) entries of the audit trail are kept; not set: for ever.',
    visibility: 'public',
    reload: 'live',
  },
} satisfies Keys;

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
