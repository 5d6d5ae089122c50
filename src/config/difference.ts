import { isDeepStrictEqual } from 'node:util';
import type { Loaded } from './load.ts';
import { declaration, isKeyName, KEYS, type KeyName } from './schema.ts';
import { shadowedChanges } from './shadows.ts';
import { originOf, show } from './view.ts';

export type Difference = ReturnType<typeof compareLoads>;

/**
 * What a reload from `running` to a valid `candidate` would change. `last` was loaded before it: of
 * a key that waits for a restart it knows more than `running`.
 */
export function compareLoads(running: Loaded, candidate: Loaded, last: Loaded) {
  const changed = Object.keys(KEYS)
    .filter(isKeyName)
    .filter((key) => !isDeepStrictEqual(running.values[key], candidate.values[key]));
  const fixed = new Set<string>(changed.filter((key) => needsRestart(key, running, candidate)));
  const waits = (key: KeyName) =>
    fixed.has(key) || declaration(key)?.waitsWith?.some((other) => fixed.has(other));
  return {
    /** Before and after, masked. */
    changes: changed.map((key) => ({
      key,
      before: show(running, key, running.values[key]),
      after: show(candidate, key, candidate.values[key]),
      origin: originOf(candidate, key),
    })),
    /** Changed keys that keep their running value until the app is started anew. */
    restartRequired: changed.filter(waits),
    /** New values without effect, since a higher layer hides them. */
    shadowed: shadowedChanges(last, candidate),
  };
}

/** The keys with a new value. */
export function appliedKeys({ changes, restartRequired }: Difference): KeyName[] {
  return changes.map(({ key }) => key).filter((key) => !restartRequired.includes(key));
}

/** The candidate, where some keys keep their running value and its story. */
export function keepRunning(keys: readonly KeyName[], running: Loaded, candidate: Loaded): Loaded {
  const contributions = new Map(candidate.contributions);
  const values = { ...candidate.values };
  for (const key of keys) {
    contributions.set(key, running.contributions.get(key) ?? []);
    values[key] = running.values[key];
  }
  return { ...candidate, contributions, values };
}

function needsRestart(key: KeyName, running: Loaded, candidate: Loaded): boolean {
  const { reload, fixedPart } = declaration(key) ?? {};
  const [before, after] = [running.values[key], candidate.values[key]];
  return fixedPart !== undefined && typeof before === 'string' && typeof after === 'string'
    ? fixedPart(before) !== fixedPart(after)
    : reload === 'restart';
}
