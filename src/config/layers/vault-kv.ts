import { isPlainObject, type PlainObject } from '../plain.ts';
import { StoreError } from './store-error.ts';
import { VaultRefusal } from './vault-client.ts';
import type { Read } from './vault-session.ts';

interface KvSecret {
  readonly members: PlainObject;
  /** When this version was written, in ms since the epoch; KV 1 does not know. */
  readonly changedAt: number | undefined;
}

/**
 * Read a secret, whichever version of KV it is kept in. `path` has the mount but no `data/`.
 * @throws {VaultRefusal} as Vault answers
 */
export async function readSecret(read: Read, path: string): Promise<KvSecret> {
  const known = await findMount(read, path);
  const mount = known?.mount ?? path.slice(0, path.indexOf('/') + 1);
  const asVersion1 = async () => toSecret((await read(path)).data);
  const asVersion2 = async () => {
    const { data, metadata } = (await read(`${mount}data/${path.slice(mount.length)}`)).data ?? {};
    const created = isPlainObject(metadata) ? Date.parse(String(metadata['created_time'])) : 0;
    return toSecret(data, created || undefined);
  };
  if (known !== undefined) return known.version === '2' ? asVersion2() : asVersion1();
  // Nobody says which version it is: of two refusals, the one that says more is thrown.
  try {
    return await asVersion2();
  } catch (first) {
    if (!isRefusal(first, 404) && !isRefusal(first, 403)) throw first;
    return asVersion1().catch((second: unknown) => {
      throw isRefusal(first, 403) && isRefusal(second, 404) ? second : first;
    });
  }
}

// Vault tells it to whoever may read something below the mount.
// https://developer.hashicorp.com/vault/api-docs/system/internal-ui-mounts
async function findMount(read: Read, path: string) {
  try {
    const { data } = await read(`sys/internal/ui/mounts/${path}`);
    const { path: mount, options } = data ?? {};
    if (typeof mount !== 'string' || !`${path}/`.startsWith(mount)) return undefined;
    return { mount, version: isPlainObject(options) ? options['version'] : undefined };
  } catch (error) {
    if (error instanceof VaultRefusal) return undefined;
    throw error;
  }
}

function toSecret(members: unknown, changedAt?: number): KvSecret {
  if (isPlainObject(members)) return { members, changedAt };
  throw new StoreError('content', 'answered something that is no KV secret', 'check VAULT_PATH');
}

function isRefusal(error: unknown, status: number): boolean {
  return error instanceof VaultRefusal && error.status === status;
}
