import { z } from 'zod';
import type { Keys } from '../key.ts';

/** Where state and secrets are kept. */
export const storeKeys = {
  SESSION_STORE: {
    type: z.enum(['memory', 'database', 'redis']),
    doc: 'Where sessions are kept; memory forgets them at a restart and knows one process only.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  SECRETS_DIR: {
    type: z.string().min(1),
    doc: 'The folder of secret files: the file secret_key sets SECRET_KEY.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
    notFrom: ['secret-files', 'aws', 'vault'],
  },
} satisfies Keys;
