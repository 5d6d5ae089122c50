import { isIP } from 'node:net';
import { z } from 'zod';
import type { Keys } from '../key.ts';

// https://github.com/P-H-C/phc-string-format
const ARGON2ID = /^\$argon2id\$v=19\$m=\d{1,7},t=\d{1,2},p=\d\$[\w+/]{11,}\$[\w+/]{22,}$/;

const operator = z.strictObject({
  username: z.string().min(1).max(64),
  passwordHash: z
    .string()
    .regex(ARGON2ID, 'expects an argon2id hash: npm run hash-password makes one'),
  role: z.enum(['viewer', 'admin']),
});

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
    reload: 'live',
    bare: true,
  },
  OPS_NETWORKS: {
    type: z.array(z.string().refine(isCidr, 'expects networks like 10.0.0.0/8 or fd00::/8')),
    doc: 'The networks that /ops answers to; empty: any.',
    visibility: 'public',
    reload: 'live',
  },
} satisfies Keys;

function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}
