import { z } from 'zod';
import { parseDatabaseUrl, withoutPassword } from '../database-url.ts';
import type { Keys } from '../key.ts';
import { kindOfKey } from './kinds.ts';

const dsn = kindOfKey({ visibility: 'dsn', reload: 'restart', bare: true });
const fixed = kindOfKey({ visibility: 'public', reload: 'restart', bare: true });

const databaseUrl = z.string().check((context) => {
  const parsed = parseDatabaseUrl(context.value);
  if (parsed.kind !== 'fault') return;
  context.issues.push({ code: 'custom', input: undefined, message: parsed.reason });
});
const redisUrl = z
  .string()
  .refine(
    (url) => /^rediss?:\/\//.test(url) && URL.canParse(url),
    'expects redis://host:port/0 or rediss://host:port/0',
  )
  .optional();

/** The services that keep data, and which of them keeps sessions. */
export const databaseKeys = {
  DATABASE_URL: {
    ...dsn(
      databaseUrl,
      'The database: postgres://user:password@host/name or sqlite:file (in the instance folder).',
    ),
    fixedPart: withoutPassword,
  },
  REDIS_URL: dsn(redisUrl, 'The Redis server, where SESSION_STORE or FLAGS_STORE is redis.'),
  SESSION_STORE: fixed(
    z.enum(['memory', 'database', 'redis']),
    'Where sessions are kept; memory forgets them at a restart and knows one process only.',
  ),
} satisfies Keys;
