import type { LayerContext, LayerResult } from '../model.ts';
import { turnedOff } from './aws.ts';

/** Layer 5: the secret VAULT_PATH. Its client is loaded where that is set, and not before. */
export async function vaultLayer(context: LayerContext): Promise<LayerResult> {
  if (context.setting('VAULT_PATH').value === undefined) return turnedOff('vault');
  return (await import('./vault-secret.ts')).loadVault(context);
}
