import { z } from 'zod';
import type { Keys } from '../key.ts';
import { ENVIRONMENT_NAMES } from '../model.ts';

/** The most basic facts about the process: who it is, where it listens, how it stops. */
export const coreKeys = {
  ENV: {
    type: z.enum(ENVIRONMENT_NAMES),
    doc: 'The environment, derived from APP_ENV, ENV or NODE_ENV; no layer sets it.',
    visibility: 'public',
    reload: 'restart',
  },
  APP_NAME: {
    type: z.string().min(1),
    doc: 'The name that pages and logs show.',
    visibility: 'public',
    reload: 'live',
  },
  DEBUG: {
    type: z.boolean(),
    doc: 'Logs in detail, with the masked stack of a failed request; refused in production.',
    visibility: 'public',
    reload: 'live',
  },
  TESTING: {
    type: z.boolean(),
    doc: 'Marks a test run, which logs nothing; refused in production.',
    visibility: 'public',
    reload: 'restart',
  },
  HOST: {
    type: z.string().min(1),
    doc: 'The address to listen on.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  PORT: {
    type: z.int().min(0).max(65_535),
    doc: 'The port to listen on; 0 takes any free one.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  REQUEST_TIMEOUT_MS: {
    type: z.int().min(1),
    doc: 'How long (ms) a client may take to send a whole request.',
    visibility: 'public',
    reload: 'restart',
  },
  SHUTDOWN_DRAIN_MS: {
    type: z.int().min(0),
    doc: 'How long (ms) the app stays up, not ready, so that load balancers turn away first.',
    visibility: 'public',
    reload: 'restart',
  },
  SHUTDOWN_TIMEOUT_MS: {
    type: z.int().min(1),
    doc: 'The longest time (ms) that running requests may take to end after the drain.',
    visibility: 'public',
    reload: 'restart',
  },
  LOG_LEVEL: {
    type: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    doc: 'The least severe log line that is written; follows TESTING and DEBUG unless it is set.',
    visibility: 'public',
    reload: 'live',
    bare: true,
  },
  APP_IGNORE: {
    type: z.array(z.string().min(1)),
    doc: 'APP_* variables that belong to somebody else, without the prefix.',
    visibility: 'public',
    reload: 'live',
  },
} satisfies Keys;
