import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { hashPassword } from '../src/config/password.ts';

// Makes the files that docker-compose.yml hands to its services. What is there already stays.
const folder = process.argv[2] ?? join(import.meta.dirname, '..', 'secrets');
const made: string[] = [];

mkdirSync(folder, { recursive: true });
chmodSync(folder, 0o700);

await keep('secret_key', () => randomBytes(48).toString('base64'));
await keep('secret_key_fallbacks', () => '[]');
const databasePassword = await keep('postgres_password', newPassword);
await keep(
  'database_url',
  () => `postgres://strata:${encodeURIComponent(databasePassword)}@postgres:5432/strata`,
);
const redisConf = await keep('redis_conf', () => `requirepass ${newPassword()}\n`);
const [, redisPassword = ''] = /^requirepass (\S+)$/m.exec(redisConf) ?? [];
await keep('redis_url', () => `redis://:${encodeURIComponent(redisPassword)}@redis:6379/0`);

const adminPassword = randomBytes(18).toString('base64url');
await keep('ops_users', async () => {
  const passwordHash = await hashPassword(adminPassword);
  return JSON.stringify([{ username: 'admin', passwordHash, role: 'admin' }]);
});

console.log(made.length === 0 ? 'Nothing to do.' : `Made in ${folder}: ${made.join(', ')}`);
if (made.includes('ops_users')) {
  console.log(`Operate the app at /ops: username admin, password ${adminPassword}`);
  console.log('The password is shown this once; only its hash is kept.');
}

/** The text of a secret, which is made where there is none. */
async function keep(name: string, make: () => string | Promise<string>): Promise<string> {
  const path = join(folder, name);
  // Started too early, docker-compose 1.29 puts an empty folder in the place of a missing file.
  if (existsSync(path) && statSync(path).isDirectory()) rmdirSync(path);
  if (!existsSync(path)) {
    writeFileSync(path, await make(), { flag: 'wx', mode: 0o600 });
    made.push(name);
  }
  // Services run as other users and must read it; the folder keeps everybody else out.
  chmodSync(path, 0o444);
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
}

// Hexadecimal: it means the same in a URL, a shell and a configuration file.
function newPassword(): string {
  return randomBytes(24).toString('hex');
}
