import { ENVIRONMENTS } from '../environments.ts';
import { FLAGS } from '../keys/flags.ts';
import type { LayerContext, LayerResult } from '../model.ts';

/** Layer 1: the environment class, and the defaults that the flags declare. */
export function classLayer({ environment }: LayerContext): LayerResult {
  const environmentClass = ENVIRONMENTS[environment];
  const source = environmentClass.name;
  const flags = Object.entries(FLAGS).map(([key, flag]) => [key, flag.default] as const);
  return {
    contributions: [...flags, ...Object.entries(new environmentClass())]
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ({ layer: 'class', source, key, value })),
    sources: [{ source, status: 'fresh' }],
  };
}
