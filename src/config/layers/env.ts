import { nearest } from '../did-you-mean.ts';
import type { LayerContext, LayerResult, Problem } from '../model.ts';
import { declaration, declarations } from '../schema.ts';
import { variableSource } from '../variables.ts';
import { readEntries } from './entries.ts';

const SHORTEST_NEAR_MISS = 6;

/** Layer 6: variables without a prefix, for the keys that opt in to one. */
export function envLayer({ processEnv, dotenvNames }: LayerContext): LayerResult {
  const bare = [...declarations()].flatMap(([key, { bare }]) => (bare ? [key] : []));
  const known = new Set([...bare, ...bare.map((key) => `${key}_FILE`), 'INSTANCE_DIR']);
  const entries = bare.flatMap((key) => {
    const value = processEnv[key];
    const source = variableSource(key, dotenvNames);
    return value === undefined ? [] : [{ path: [key], value, source }];
  });
  return {
    ...readEntries('env', entries),
    warnings: Object.keys(processEnv).flatMap((name) =>
      known.has(name) ? [] : nearMiss(name, known, variableSource(name, dotenvNames)),
    ),
    sources: [{ source: 'environment variables', status: entries.length > 0 ? 'fresh' : 'absent' }],
  };
}

// The environment is full of other programs' variables: only what looks like ours is reported.
function nearMiss(key: string, known: ReadonlySet<string>, origin: string): Problem[] {
  if (key.startsWith('APP_') || key.length < SHORTEST_NEAR_MISS) return [];
  const candidates = known.values().filter((name) => name.length >= SHORTEST_NEAR_MISS);
  const near = nearest(key, candidates);
  const isFlag = key.startsWith('FEATURE_') && declaration(key) === undefined;
  if (near === undefined && !isFlag) return [];
  const reason = isFlag ? 'is no declared feature flag, so it sets nothing' : 'sets nothing';
  const remedy = near === undefined ? 'declare the flag or unset it' : `did you mean ${near}?`;
  return [{ key, reason, origin, remedy }];
}
