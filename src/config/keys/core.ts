import { z } from 'zod';
import type { Keys } from '../key.ts';
import { ENVIRONMENT_NAMES } from '../model.ts';
import { count, kindOfKey, positive, text, toggle } from './kinds.ts';

const live = kindOfKey({ visibility: 'public', reload: 'live' });
const fixed = kindOfKey({ visibility: 'public', reload: 'restart' });
const liveBare = kindOfKey({ visibility: 'public', reload: 'live', bare: true });
const fixedBare = kindOfKey({ visibility: 'public', reload: 'restart', bare: true });

const levels = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);

/** The most basic facts about the process: who it is, where it listens, how it stops. */
export const coreKeys = {
  ENV: fixed(
    z.enum(ENVIRONMENT_NAMES),
    'The environment, derived from APP_ENV, ENV or NODE_ENV; no layer sets it.',
  ),
  APP_NAME: live(text, 'The name that pages and logs show.'),
  DEBUG: live(
    toggle,
    'Logs more, and the masked stack of a failed request; refused in production.',
  ),
  TESTING: fixed(toggle, 'Marks a test run, which logs nothing; refused in production.'),
  HOST: fixedBare(text, 'The address to listen on.'),
  PORT: fixedBare(count.max(65_535), 'The port to listen on; 0 takes any free one.'),
  REQUEST_TIMEOUT_MS: fixed(positive, 'How long (ms) a client may take to send a whole request.'),
  SHUTDOWN_DRAIN_MS: fixed(
    count.max(3_600_000),
    'How long (ms) the app stays up, not ready, so that load balancers turn away first.',
  ),
  SHUTDOWN_TIMEOUT_MS: fixed(
    positive.max(3_600_000),
    'The longest time (ms) that running requests may take to end after the drain.',
  ),
  LOG_LEVEL: liveBare(
    levels,
    'The least severe log line that is written; follows TESTING and DEBUG unless it is set.',
  ),
  APP_IGNORE: live(z.array(text), 'APP_* variables of somebody else, without the prefix.'),
} satisfies Keys;
