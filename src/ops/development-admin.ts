import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { hashPassword } from './password.ts';

const stored = z.object({ password: z.string().min(1), passwordHash: z.string().min(1) });

interface DevelopmentAdmin {
  readonly username: 'admin';
  readonly role: 'admin';
  readonly password: string;
  readonly passwordHash: string;
}

/**
 * In development, where nobody is listed in OPS_USERS: an admin with a random password, kept in the
 * instance folder so that it stays the same. Nothing elsewhere.
 */
export async function developmentAdmin(config: AppConfig): Promise<DevelopmentAdmin | undefined> {
  const isOpen =
    config.get('ENV') === 'development' && config.get('OPS_USERS').reveal().length === 0;
  if (!isOpen) return undefined;
  const path = join(config.instanceDir, 'development-admin.json');
  const kept = read(path) ?? (await create(path, config.instanceDir));
  return { username: 'admin', role: 'admin', ...kept };
}

function read(path: string): z.output<typeof stored> | undefined {
  try {
    return stored.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function create(path: string, folder: string): Promise<z.output<typeof stored>> {
  const password = randomBytes(9).toString('base64url');
  const kept = { password, passwordHash: await hashPassword(password) };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(kept, undefined, 2)}\n`, { mode: 0o600 });
  return kept;
}
