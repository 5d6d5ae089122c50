import { z } from 'zod';
import type { Keys } from '../key.ts';

/** How a running app keeps up with what its configuration is read from. */
export const refreshKeys = {
  SECRETS_REFRESH_SECONDS: {
    type: z.int().min(0).max(604_800),
    doc: 'How often (s) the stores are asked again, less often while one is away; 0 never.',
    visibility: 'public',
    reload: 'live',
    bare: true,
  },
  CONFIG_MAX_STALE_SECONDS: {
    type: z.int().min(1).optional(),
    doc: 'The age (s) of values from a store that is away at which the app is no longer ready.',
    visibility: 'public',
    reload: 'live',
    bare: true,
  },
} satisfies Keys;
