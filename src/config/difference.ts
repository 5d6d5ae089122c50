import { isDeepStrictEqual } from 'node:util';
import type { Key } from './key.ts';
import type { Loaded } from './load.ts';
import type { Contribution, Origin } from './model.ts';
import { declarations, isKeyName, type KeyName } from './schema.ts';
import { type Shadowed, shadowedChanges } from './shadows.ts';
import { originOf, type Shown, show } from './view.ts';

/** One key's change, masked. */
export interface Change {
  readonly key: KeyName;
  readonly before: Shown;
  readonly after: Shown;
  readonly origin: Origin | undefined;
}

interface Difference {
  readonly changes: readonly Change[];
  readonly applied: readonly KeyName[];
  /** Changed keys that keep their running value until the app is started anew. */
  readonly restartRequired: readonly KeyName[];
  readonly shadowed: readonly Shadowed[];
  /** The candidate, with the running value of every key that waits for a restart. */
  readonly next: Loaded;
}

/** What a reload from `running` to a valid `candidate` would change. */
export function compareLoads(running: Loaded, candidate: Loaded): Difference {
  const changed = [...declarations()].flatMap(([key, declared]) => {
    const [before, after] = [running.values[key], candidate.values[key]];
    if (!isKeyName(key) || isDeepStrictEqual(before, after)) return [];
    return [{ key, waits: needsRestart(declared, before, after) }];
  });
  const waiting = changed.filter(({ waits }) => waits).map(({ key }) => key);
  return {
    changes: changed.map(({ key }) => ({
      key,
      before: show(running, key, running.values[key]),
      after: show(candidate, key, candidate.values[key]),
      origin: originOf(candidate, key),
    })),
    applied: changed.filter(({ waits }) => !waits).map(({ key }) => key),
    restartRequired: waiting,
    shadowed: shadowedChanges(running, candidate),
    next: keepRunning(candidate, running, waiting),
  };
}

function needsRestart({ reload, fixedPart }: Key, before: unknown, after: unknown): boolean {
  if (fixedPart === undefined || typeof before !== 'string' || typeof after !== 'string') {
    return reload === 'restart';
  }
  return fixedPart(before) !== fixedPart(after);
}

// The running value's story stays with it.
function keepRunning(candidate: Loaded, running: Loaded, waiting: readonly KeyName[]): Loaded {
  const contributions = new Map<string, readonly Contribution[]>(candidate.contributions);
  const values = { ...candidate.values };
  for (const key of waiting) {
    values[key] = running.values[key];
    const said = running.contributions.get(key);
    if (said === undefined) contributions.delete(key);
    else contributions.set(key, said);
  }
  return { ...candidate, contributions, values };
}
