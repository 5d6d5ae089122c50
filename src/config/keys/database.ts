import { z } from 'zod';
import { parseDatabaseUrl, withoutPassword } from '../database-url.ts';
import type { Keys } from '../key.ts';

/** The services that keep data. */
export const databaseKeys = {
  DATABASE_URL: {
    type: z.string().check((context) => {
      const parsed = parseDatabaseUrl(context.value);
      if (parsed.kind !== 'fault') return;
      context.issues.push({ code: 'custom', input: undefined, message: parsed.reason });
    }),
    doc: 'The database: postgres://user:password@host/name or sqlite:file (in the instance folder).',
    visibility: 'dsn',
    reload: 'restart',
    fixedPart: withoutPassword,
    bare: true,
  },
  REDIS_URL: {
    type: z
      .string()
      .refine(isRedisUrl, 'expects redis://host:port/0 or rediss://host:port/0')
      .optional(),
    doc: 'The Redis server, where SESSION_STORE or FLAGS_STORE is redis.',
    visibility: 'dsn',
    reload: 'restart',
    bare: true,
  },
} satisfies Keys;

function isRedisUrl(text: string): boolean {
  return /^rediss?:\/\//.test(text) && URL.canParse(text);
}
