import { isPlainObject } from '../plain.ts';
import { membersAsEntries } from './store-entries.ts';
import { StoreError } from './store-error.ts';
import { isRefusal, type Read } from './vault-client.ts';

/**
 * Read a secret, whichever version of KV it is kept in. `path` has the mount but no `data/`.
 * @throws {VaultRefusal} as Vault answers
 */
export async function readSecret(read: Read, path: string) {
  const known = await findMount(read, path);
  const mount = known?.mount ?? path.slice(0, path.indexOf('/') + 1);
  const version1 = async () => toEntries(path, (await read(path)).data);
  const version2 = async () => {
    const { data, metadata } = (await read(`${mount}data/${path.slice(mount.length)}`)).data ?? {};
    const created = isPlainObject(metadata) ? Date.parse(String(metadata['created_time'])) : 0;
    return toEntries(path, data, created || undefined);
  };
  if (known !== undefined) return known.version === '2' ? version2() : version1();
  // Nobody says which version it is: of two refusals, the one that says more is thrown.
  return version2().catch((first: unknown) => {
    if (!isRefusal(first, 403, 404)) throw first;
    return version1().catch((second: unknown) => {
      throw isRefusal(first, 403) && isRefusal(second, 404) ? second : first;
    });
  });
}

// Vault tells it to whoever may read something below the mount.
// https://developer.hashicorp.com/vault/api-docs/system/internal-ui-mounts
async function findMount(read: Read, path: string) {
  try {
    const { path: mount, options } = (await read(`sys/internal/ui/mounts/${path}`)).data ?? {};
    if (typeof mount !== 'string' || !`${path}/`.startsWith(mount)) return undefined;
    return { mount, version: isPlainObject(options) ? options['version'] : undefined };
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function toEntries(path: string, members: unknown, changedAt?: number) {
  if (isPlainObject(members)) return membersAsEntries(members, `vault:${path}`, changedAt);
  throw new StoreError('refused', 'answered something that is no KV secret', 'check VAULT_PATH');
}
