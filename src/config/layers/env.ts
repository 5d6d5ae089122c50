import { nearest } from '../did-you-mean.ts';
import type { LayerContext, LayerResult, Problem } from '../model.ts';
import { declaration, declarations } from '../schema.ts';
import { readTextSettings } from './text-settings.ts';

const SHORTEST_NEAR_MISS = 6;

/** Layer 6: variables without a prefix, for the keys that opt in to one. */
export function envLayer({ processEnv, dotenvNames }: LayerContext): LayerResult {
  const texts = [...declarations()].flatMap(([key, { bare }]) => {
    const text = bare ? processEnv[key] : undefined;
    const source = variableSource(key, dotenvNames);
    return text === undefined ? [] : [{ layer: 'env' as const, path: [key], text, source }];
  });
  return {
    ...readTextSettings(texts),
    warnings: nearMisses(processEnv, dotenvNames),
    sources: [{ source: 'environment variables', status: texts.length > 0 ? 'fresh' : 'absent' }],
  };
}

/** How a variable is shown as an origin: `env PORT`, or `.env PORT` where the file set it. */
export function variableSource(name: string, dotenvNames: ReadonlySet<string>): string {
  return `${dotenvNames.has(name) ? '.env' : 'env'} ${name}`;
}

// The environment is full of other programs' variables: only what looks like ours is reported.
function nearMisses(
  processEnv: LayerContext['processEnv'],
  dotenvNames: ReadonlySet<string>,
): Problem[] {
  const bare = [...declarations()].flatMap(([key, { bare }]) => (bare ? [key] : []));
  const known = new Set([...bare, ...bare.map((key) => `${key}_FILE`), 'INSTANCE_DIR']);
  const candidates = [...known].filter((name) => name.length >= SHORTEST_NEAR_MISS);
  return Object.keys(processEnv).flatMap((name) => {
    if (known.has(name) || name.startsWith('APP_') || name.length < SHORTEST_NEAR_MISS) return [];
    const near = nearest(name, candidates);
    const isFlag = name.startsWith('FEATURE_') && declaration(name) === undefined;
    if (near === undefined && !isFlag) return [];
    return {
      key: name,
      reason: isFlag ? 'is no declared feature flag, so it sets nothing' : 'sets nothing',
      origin: variableSource(name, dotenvNames),
      remedy: near === undefined ? 'declare the flag or unset it' : `did you mean ${near}?`,
    };
  });
}
