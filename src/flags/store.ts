import type { AppConfig } from '../config/app-config.ts';
import { FLAGS, type FlagName, type FlagValue, isFlagName } from '../config/keys/flags.ts';
import { bucket } from './bucketing.ts';

/** A flag as operators see it. */
export interface FlagState {
  readonly name: FlagName;
  readonly value: FlagValue;
  /** Where the value comes from: the configuration's origin, or `override`. */
  readonly source: string;
  readonly description: string;
  readonly owner: string;
}

export interface FlagStore {
  /** Whether the flag is on, for a subject where it is rolled out in part. Never throws. */
  isOn(name: FlagName, subject?: string): boolean;
  /** The variant that the subject gets, or nothing. */
  variant(name: FlagName, subject: string): string | undefined;
  /** Override the configured value, in this process. */
  set(name: FlagName, value: FlagValue): void;
  /** Take an override back; false where there was none. */
  unset(name: FlagName): boolean;
  list(): FlagState[];
  /** Call `listener` with the name of every flag that changes; the answer ends it. */
  onChange(listener: (name: FlagName) => void): () => void;
}

/** Keep the flags of a configuration, with overrides over them, in one map that reads never lock. */
export function createFlagStore(config: AppConfig): FlagStore {
  const names = Object.keys(FLAGS).filter(isFlagName);
  const overrides = new Map<FlagName, FlagValue>();
  const listeners = new Set<(name: FlagName) => void>();
  const fold = () =>
    new Map(names.map((name) => [name, overrides.get(name) ?? config.snapshot[name]]));
  // Replaced as a whole, so that a reader sees one state.
  let values: ReadonlyMap<string, FlagValue> = fold();
  const swap = (changed: readonly FlagName[]) => {
    values = fold();
    for (const name of changed) for (const listener of listeners) listener(name);
  };
  config.onChange(names, (changed) => swap(changed.filter(isFlagName)));
  return {
    isOn(name, subject) {
      const value = values.get(name);
      return typeof value === 'boolean' ? value : isRolledOut(name, value, subject);
    },
    variant(name, subject) {
      const value = values.get(name);
      return typeof value === 'object' && 'variants' in value
        ? pickVariant(name, value.variants, subject)
        : undefined;
    },
    set(name, value) {
      overrides.set(name, value);
      swap([name]);
    },
    unset(name) {
      const had = overrides.delete(name);
      if (had) swap([name]);
      return had;
    },
    list: () =>
      names.map((name) => ({
        name,
        value: values.get(name) ?? false,
        source: overrides.has(name) ? 'override' : (config.origin(name)?.source ?? 'default'),
        description: FLAGS[name].description,
        owner: FLAGS[name].owner,
      })),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function isRolledOut(name: string, value: FlagValue | undefined, subject?: string): boolean {
  if (typeof value !== 'object' || subject === undefined) return false;
  if ('variants' in value) return true;
  // Nobody and everybody need no digest.
  if (value.rollout <= 0 || value.rollout >= 100) return value.rollout >= 100;
  return bucket(subject, name) < value.rollout;
}

// Its own salt: a subject's variant must not depend on its place in a rollout.
function pickVariant(
  name: string,
  variants: Readonly<Record<string, number>>,
  subject: string,
): string | undefined {
  const entries = Object.entries(variants);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  if (total <= 0) return undefined;
  let place = (bucket(subject, `${name}:variant`, 10_000) / 10_000) * total;
  return entries.find(([, weight]) => {
    place -= weight;
    return place < 0;
  })?.[0];
}
