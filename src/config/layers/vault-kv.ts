import { isPlainObject, type PlainObject } from '../plain.ts';
import { StoreError } from './store-error.ts';
import { type VaultAnswer, type VaultClient, VaultRefusal } from './vault-client.ts';

interface KvSecret {
  readonly members: PlainObject;
  /** When this version was written, in ms since the epoch; KV 1 does not know. */
  readonly changedAt: number | undefined;
}

/**
 * Read a secret, whichever version of KV it is kept in. `path` has the mount but no `data/`.
 * @throws {VaultRefusal} as Vault answers
 */
export async function readSecret(
  client: VaultClient,
  path: string,
  signal: AbortSignal,
): Promise<KvSecret> {
  const mount = await findMount(client, path, signal);
  if (mount !== undefined) {
    const rest = path.slice(mount.path.length);
    return mount.isVersion2
      ? toSecret2(await client.read(`${mount.path}data/${encoded(rest)}`, signal))
      : toSecret((await client.read(mount.path + encoded(rest), signal)).data);
  }
  // Nobody says which version it is: the answer of the one that fits is the better one.
  const [first = '', ...rest] = path.split('/');
  try {
    return toSecret2(await client.read(`${first}/data/${encoded(rest.join('/'))}`, signal));
  } catch (refusal) {
    if (!isMissing(refusal) && !isDenied(refusal)) throw refusal;
    try {
      return toSecret((await client.read(encoded(path), signal)).data);
    } catch (second) {
      throw isDenied(refusal) && isMissing(second) ? second : refusal;
    }
  }
}

// Vault tells it to whoever may read something below the mount.
// https://developer.hashicorp.com/vault/api-docs/system/internal-ui-mounts
async function findMount(client: VaultClient, path: string, signal: AbortSignal) {
  let answer: VaultAnswer;
  try {
    answer = await client.read(`sys/internal/ui/mounts/${encoded(path)}`, signal);
  } catch (error) {
    if (error instanceof VaultRefusal) return undefined;
    throw error;
  }
  const { path: mount, options } = answer.data ?? {};
  if (typeof mount !== 'string' || !`${path}/`.startsWith(mount)) return undefined;
  return { path: mount, isVersion2: isPlainObject(options) && options['version'] === '2' };
}

function toSecret2({ data }: VaultAnswer): KvSecret {
  const { data: members, metadata } = data ?? {};
  const created = isPlainObject(metadata) ? Date.parse(String(metadata['created_time'])) : 0;
  return toSecret(members, created || undefined);
}

function toSecret(members: unknown, changedAt?: number): KvSecret {
  if (isPlainObject(members)) return { members, changedAt };
  throw new StoreError('content', 'answered something that is no KV secret', 'check VAULT_PATH');
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function isMissing(error: unknown): boolean {
  return error instanceof VaultRefusal && error.status === 404 && !error.answer.data;
}

function isDenied(error: unknown): boolean {
  return error instanceof VaultRefusal && error.status === 403;
}
