import { isDeepStrictEqual } from 'node:util';
import type { Loaded } from './load.ts';
import type { Origin } from './model.ts';
import { declaration, isKeyName, KEYS, type KeyName } from './schema.ts';
import { type Shadowed, shadowedChanges } from './shadows.ts';
import { originOf, type Shown, show } from './view.ts';

/** One key's change, masked. */
export interface Change {
  readonly key: KeyName;
  readonly before: Shown;
  readonly after: Shown;
  readonly origin: Origin | undefined;
}

/** What a reload changes. */
export interface Difference {
  readonly changes: readonly Change[];
  /** Changed keys that keep their running value until the app is started anew. */
  readonly restartRequired: readonly KeyName[];
  /** New values without effect, since a higher layer hides them. */
  readonly shadowed: readonly Shadowed[];
}

/** What a reload from `running` to a valid `candidate` would change. */
export function compareLoads(running: Loaded, candidate: Loaded): Difference {
  const changed = Object.keys(KEYS)
    .filter(isKeyName)
    .filter((key) => !isDeepStrictEqual(running.values[key], candidate.values[key]));
  return {
    changes: changed.map((key) => ({
      key,
      before: show(running, key, running.values[key]),
      after: show(candidate, key, candidate.values[key]),
      origin: originOf(candidate, key),
    })),
    restartRequired: changed.filter((key) => needsRestart(key, running, candidate)),
    shadowed: shadowedChanges(running, candidate),
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
