import type { LayerContext, LayerResult } from '../model.ts';

// The SDKs are heavy: each is loaded where its store is turned on, and not before.
const STORES = [
  ['SSM_PATH', async () => (await import('./ssm.ts')).loadSsm],
  ['SECRETS_MANAGER_ID', async () => (await import('./secrets-manager.ts')).loadSecretsManager],
] as const;

/** Layer 4: the parameters below SSM_PATH, then the secret SECRETS_MANAGER_ID, side by side. */
export async function awsLayer(context: LayerContext): Promise<LayerResult> {
  const stores = STORES.filter(([key]) => context.setting(key).value !== undefined);
  const results = await Promise.all(stores.map(async ([, open]) => (await open())(context)));
  if (results.length === 0) return turnedOff('aws');
  return {
    contributions: results.flatMap(({ contributions }) => contributions),
    problems: results.flatMap(({ problems = [] }) => problems),
    warnings: results.flatMap(({ warnings = [] }) => warnings),
    sources: results.flatMap(({ sources }) => sources),
  };
}

/** What a layer gives whose store nobody asked for. */
export function turnedOff(source: string): LayerResult {
  return { contributions: [], sources: [{ source, status: 'off', attempts: 0 }] };
}
