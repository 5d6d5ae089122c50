import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { parseJson } from '../config/plain.ts';

const stored = z.object({ password: z.string().min(1), passwordHash: z.string().min(1) });

/**
 * In development, where nobody is listed in OPS_USERS: an admin with a random password, kept in the
 * instance folder so that it stays the same. Nothing elsewhere.
 */
export async function developmentAdmin({ snapshot, instanceDir }: AppConfig) {
  if (snapshot.ENV !== 'development' || snapshot.OPS_USERS.reveal().length > 0) return undefined;
  const path = join(instanceDir, 'development-admin.json');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const known = stored.safeParse(parseJson(text)).data;
  return { username: 'admin', role: 'admin', ...(known ?? (await createOnce(path))) } as const;
}

// The first request may ask while the start does.
const created = new Map<string, ReturnType<typeof create>>();
function createOnce(path: string) {
  const creation = created.get(path) ?? create(path);
  created.set(path, creation);
  return creation;
}

/** What tells a developer how to log in; nothing where there is no such admin. */
export async function welcome(config: AppConfig): Promise<string[]> {
  const admin = await developmentAdmin(config);
  return admin
    ? [`Operate it at /ops: username ${admin.username}, password ${admin.password}`]
    : [];
}

async function create(path: string): Promise<z.output<typeof stored>> {
  const { hashPassword } = await import('../config/password.ts');
  const password = randomBytes(9).toString('base64url');
  const kept = { password, passwordHash: await hashPassword(password) };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(kept, undefined, 2)}\n`, { mode: 0o600 });
  return kept;
}
