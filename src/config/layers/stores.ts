import { joinResults, type LayerContext, type LayerResult } from '../model.ts';

// The clients are heavy: each is loaded where its store is turned on, and not before.
const STORES = [
  { layer: 'aws', key: 'SSM_PATH', prefix: 'SSM', client: () => import('./ssm.ts') },
  {
    layer: 'aws',
    key: 'SECRETS_MANAGER_ID',
    prefix: 'SECRETS_MANAGER',
    client: () => import('./secrets-manager.ts'),
  },
  { layer: 'vault', key: 'VAULT_PATH', prefix: 'VAULT', client: () => import('./vault.ts') },
] as const;

export type StoreKind = (typeof STORES)[number];

/** Layers 4 and 5: the stores whose key is set, read side by side; of AWS, SSM stands lower. */
export function storesLayer(layer: StoreKind['layer']) {
  return async (context: LayerContext): Promise<LayerResult> => {
    const kinds = STORES.filter((kind) => kind.layer === layer);
    const used = kinds.filter(({ key }) => context.setting(key).value !== undefined);
    if (used.length === 0) {
      return { contributions: [], sources: [{ source: layer, status: 'off', attempts: 0 }] };
    }
    const { loadStore } = await import('./store.ts');
    return joinResults(await Promise.all(used.map((kind) => loadStore(kind, context))));
  };
}
