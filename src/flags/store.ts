import type { AppConfig } from '../config/app-config.ts';
import {
  FLAG_NAMES,
  type FlagKind,
  type FlagName,
  type FlagValue,
  flagValue,
  isFlagName,
} from '../config/keys/flags.ts';
import { describeEntry, type Entries, fold, isSame } from './fold.ts';
import type { OverrideStore, StoredOverride } from './overrides/store.ts';
import { FlagStoreAwayError, follow, within } from './sync.ts';
import type { FlagSourceStatus, FlagVendor } from './vendor.ts';
import { createView, effectiveOf, type FlagExplanation, type FlagView } from './view.ts';

/** A flag as operators see it. */
export interface FlagState {
  readonly name: FlagName;
  readonly value: FlagValue;
  /** Where the value comes from: an origin of the configuration, a vendor, or `override`. */
  readonly source: string;
  readonly description: string;
  readonly owner: string;
  readonly kind: FlagKind;
  readonly created: string;
  readonly expires?: string;
  readonly expired: boolean;
  /** Grows with every change of the override; 0 where there never was one. */
  readonly revision: number;
  readonly configured: { readonly value: FlagValue; readonly source: string };
  /** Without `value` it decides for each subject. */
  readonly vendor?: { readonly value?: FlagValue; readonly source: string };
  /** The override in force. */
  readonly override?: Omit<StoredOverride, 'name' | 'value'> & { readonly value: FlagValue };
  readonly lastChange?: Pick<StoredOverride, 'by' | 'at' | 'reason'>;
  /** What an override in force hides, since when, and how to take it back: a sentence. */
  readonly notice?: string;
}

export interface FlagChange {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  /** After this time the override ends by itself, on every replica. */
  readonly ttlSeconds?: number | undefined;
  /** Refuse the change when the flag's revision is another one. */
  readonly ifRevision?: number | undefined;
}

/** Reads are synchronous and never throw; see `FlagView`. */
export interface FlagStore extends FlagView {
  /** Ask a vendor about one subject, where it can only be asked; else as `explain`. */
  evaluate(name: FlagName, subject?: string): Promise<FlagExplanation>;
  /** The flags as they are now: take it once where several reads must agree. */
  readonly state: FlagView;
  /**
   * Override the value on every replica.
   * @throws {FlagRevisionError} @throws {FlagStoreAwayError} and changes nothing
   */
  set(name: FlagName, value: FlagValue, change?: FlagChange): Promise<FlagState>;
  /** Take an override back; throws as `set` does. */
  unset(name: FlagName, change?: Omit<FlagChange, 'ttlSeconds'>): Promise<FlagState>;
  list(): FlagState[];
  /** Call `listener` with the name of every flag that changes; the answer ends it. */
  onChange(listener: (name: FlagName) => void): () => void;
  /** How the places do that flags come from, beside the configuration. */
  sources(): FlagSourceStatus[];
  close(): Promise<void>;
}

interface Parts {
  readonly overrides: OverrideStore;
  readonly vendor?: FlagVendor | undefined;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Fold configuration, vendor and overrides into one map that is replaced as a whole. */
export async function createFlagStore(
  config: AppConfig,
  { overrides, vendor }: Parts,
): Promise<FlagStore> {
  const kept = new Map<FlagName, StoredOverride>();
  const listeners = new Set<(name: FlagName) => void>();
  const revisionOf = (name: FlagName) => kept.get(name)?.revision ?? 0;
  let ending: NodeJS.Timeout | undefined;
  let entries: Entries = new Map();
  let values = effectiveOf(entries);
  const refold = () => {
    const before = entries;
    const now = Date.now();
    entries = fold(config, vendor, kept, now);
    values = effectiveOf(entries);
    store.state = createView(entries, values);
    clearTimeout(ending);
    ending = atNextEnd([...kept.values()], now, refold);
    const changed = FLAG_NAMES.filter((name) => !isSame(before.get(name), entries.get(name)));
    for (const name of changed) for (const listener of listeners) tell(listener, name);
  };
  const accept = (loaded: readonly StoredOverride[]) => {
    for (const one of loaded) {
      if (isFlagName(one.name) && one.revision > revisionOf(one.name)) kept.set(one.name, one);
    }
    refold();
  };
  const acceptAll = (loaded: readonly StoredOverride[]) => {
    accept(loaded);
    const there = new Map(loaded.map(({ name, revision }) => [name, revision]));
    return [...kept.values()].filter(({ name, revision }) => revision > (there.get(name) ?? 0));
  };
  const stateOf = (name: FlagName, among = entries) => {
    const entry = among.get(name);
    if (entry === undefined) throw new RangeError('That flag is not declared.');
    return describeEntry(entry);
  };
  const change = async (
    name: FlagName,
    value: FlagValue | undefined,
    { by = 'the app', reason, ttlSeconds, ifRevision }: FlagChange,
  ) => {
    stateOf(name);
    const at = Date.now();
    const put = overrides.put({
      name,
      value: value === undefined ? undefined : flagValue.parse(value),
      by,
      at,
      reason,
      until: ttlSeconds === undefined ? undefined : at + Math.round(ttlSeconds * 1000),
      ifRevision,
      seen: revisionOf(name),
    });
    // Without an `await` where none is needed: then the change is seen when this call returns.
    const own = put instanceof Promise ? await settled(put) : put;
    accept([own]);
    // A later change of another replica may be known already; the answer tells of this one.
    return stateOf(name, fold(config, vendor, new Map([[name, own]]), at));
  };
  const settled = async (put: Promise<StoredOverride>) => {
    try {
      return await within(put);
    } catch (error) {
      following.hint();
      if (error instanceof Error && 'code' in error && error.code === 'FLAG_REVISION') throw error;
      throw new FlagStoreAwayError(`the overrides' store (${overrides.name}) is away`);
    }
  };

  const store: Omit<FlagStore, 'state'> & { state: FlagView } = {
    state: createView(entries, values),
    isOn(name, subject) {
      // As in the view, which is one call more: this is what is called most.
      const value = values.get(name);
      return typeof value === 'boolean' ? value : store.state.isOn(name, subject);
    },
    variant: (name, subject) => store.state.variant(name, subject),
    explain: (name, subject) => store.state.explain(name, subject),
    async evaluate(name, subject) {
      const here = store.state.explain(name, subject);
      const isOverridden = entries.get(name)?.from === 'override';
      if (isOverridden || vendor?.evaluate === undefined) return here;
      const said = await vendor.evaluate(name, subject).catch(() => undefined);
      if (said === undefined) return here;
      const { reason: _, ...answer } = said;
      return { ...answer, value: said.on, reason: 'vendor', source: vendor.name };
    },
    set: (name, value, options = {}) => change(name, value, options),
    unset: (name, options = {}) => change(name, undefined, options),
    list: () => FLAG_NAMES.map((name) => stateOf(name)),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sources: () => [following.status(), ...(vendor === undefined ? [] : [vendor.status()])],
    async close() {
      for (const end of endings) end?.();
      clearTimeout(ending);
      await following.close();
    },
  };

  refold();
  const reconcileSeconds = () => config.get('FLAGS_RECONCILE_SECONDS');
  const following = await follow(overrides, { accept: acceptAll, reconcileSeconds });
  const endings = [config.onChange(FLAG_NAMES, refold), vendor?.onChange(refold)];
  return store;
}

function atNextEnd(kept: readonly StoredOverride[], now: number, act: () => void) {
  const ends = kept.flatMap(({ until = 0 }) => (until > now ? [until - now] : []));
  if (ends.length === 0) return undefined;
  return setTimeout(act, Math.min(...ends, LONGEST_TIMER_MS)).unref();
}

// A listener's fault is its own: the flag has changed, and the others must hear of it.
function tell(listener: (name: FlagName) => void, name: FlagName): void {
  try {
    listener(name);
  } catch {}
}
