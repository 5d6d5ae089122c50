import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { FLAG_NAMES, type FlagName, type FlagValue, flagValue } from '../config/keys/flags.ts';
import { describeEntry, type FlagEntry, type FlagState, fold } from './fold.ts';
import type { OverrideDatabase } from './overrides/database.ts';
import { openOverrides } from './overrides/open.ts';
import type { OverrideRedis } from './overrides/redis.ts';
import { replicate } from './overrides/replica.ts';
import type { StoredOverride } from './overrides/store.ts';
import { openVendor } from './sources/open.ts';
import { createView, type FlagExplanation } from './view.ts';

export type { FlagState };

export interface FlagChange {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  /** After this time, a `timeLimit`, the override ends by itself, on every replica. */
  readonly ttlSeconds?: number | undefined;
  /** Refuse the change when the flag's revision is another one. */
  readonly ifRevision?: number | undefined;
}

const ONE_YEAR_SECONDS = 365 * 24 * 60 * 60;
/** In seconds, at most a year: what is meant to last longer belongs into the configuration. */
export const timeLimit = z.int().min(1).max(ONE_YEAR_SECONDS);

/** Why a flag is changed. PostgreSQL keeps no NUL. */
export const changeReason = z
  .string()
  .trim()
  .max(500)
  .refine((text) => !text.includes('\0'), 'Leave out the NUL character');

export type FlagStore = Awaited<ReturnType<typeof createFlagStore>>;

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A change of a flag as the audit trail keeps it; no `value` takes the override back. */
export function changeEvent(
  flags: FlagStore,
  name: FlagName,
  value: FlagValue | undefined,
  { reason, ttlSeconds }: FlagChange,
) {
  const now = flags.list().find((flag) => flag.name === name);
  const detail = { before: now?.value, after: value ?? now?.below.value, reason, ttlSeconds };
  const action = value === undefined ? ('flag.unset' as const) : ('flag.set' as const);
  return { action, target: name, detail };
}

/**
 * Fold configuration, vendor and overrides into one map that is replaced as a whole.
 * @throws when the place of the overrides cannot be read
 */
export async function createFlagStore(
  config: AppConfig,
  database: OverrideDatabase,
  redis: OverrideRedis | undefined,
) {
  await using opened = new AsyncDisposableStack();
  const vendor = await openVendor(config);
  opened.defer(() => vendor?.close());
  const listeners = new Set<(name: FlagName) => void>();
  const kept = new Map<FlagName, StoredOverride>();
  let entries: ReadonlyMap<FlagName, FlagEntry> = new Map();
  let ending: NodeJS.Timeout | undefined;
  const refold = () => {
    const before = entries;
    const now = Date.now();
    entries = new Map(
      FLAG_NAMES.map((name) => [name, fold(config, vendor, name, kept.get(name), now)]),
    );
    store.state = createView(entries);
    clearTimeout(ending);
    const ends = [...kept.values()].map(({ until = 0 }) => until - now).filter((ms) => ms > 0);
    ending = setTimeout(refold, Math.min(...ends, LONGEST_TIMER_MS)).unref();
    for (const [name, entry] of entries) {
      if (isDeepStrictEqual(before.get(name), entry)) continue;
      // A listener's fault is its own: the flag has changed, and the others must hear of it.
      for (const tell of listeners) Promise.try(tell, name).catch(() => undefined);
    }
  };
  const change = async (
    name: FlagName,
    value: FlagValue | undefined,
    { by = 'the app', reason: given, ttlSeconds, ifRevision }: FlagChange = {},
  ) => {
    if (!entries.has(name)) throw new RangeError('That flag is not declared.');
    const at = Date.now();
    // It is kept and shown in many places; a secret that was pasted into it must not be.
    const reason = given === undefined ? undefined : config.redact(given);
    const seconds = timeLimit.optional().parse(ttlSeconds);
    const until = seconds && at + seconds * 1000;
    const wanted = flagValue.optional().parse(value);
    const own = await replica.put({ name, value: wanted, by, at, reason, until, ifRevision });
    // A later change of another replica may be known already; the answer tells of this one.
    return describeEntry(fold(config, vendor, name, own, at));
  };

  const store = {
    /** The flags as they are now: take it once where several reads must agree. */
    state: createView(entries),
    isOn: (name: FlagName, subject?: string) => store.state.isOn(name, subject),
    variant: (name: FlagName, subject: string) => store.state.variant(name, subject),
    explain: (name: FlagName, subject?: string) => store.state.explain(name, subject),
    /** Ask a vendor about one subject, where it can only be asked; else as `explain`. */
    async evaluate(name: FlagName, subject?: string): Promise<FlagExplanation> {
      const here = store.state.explain(name, subject);
      if (vendor?.evaluate === undefined || here.source === 'override') {
        // Unlike an explanation it is a use, which a vendor may count.
        if (here.variant === undefined) store.state.isOn(name, subject);
        else store.state.variant(name, subject ?? '');
        return here;
      }
      const said = await vendor.evaluate(name, subject);
      if (said === undefined) return here;
      const { on, variant } = said;
      return { value: on, on, variant, reason: 'vendor', source: vendor.name, bucket: undefined };
    },
    /**
     * Override the value on every replica.
     * @throws {FlagRevisionError} @throws {StoreAwayError} and changes nothing
     */
    set: (name: FlagName, value: FlagValue, options?: FlagChange) => change(name, value, options),
    /** Take an override back; throws as `set` does. */
    unset: (name: FlagName, options?: FlagChange) => change(name, undefined, options),
    list: (): FlagState[] => [...entries.values()].map(describeEntry),
    /** Call `listener` with the name of every flag that changes; the answer ends it. */
    onChange(listener: (name: FlagName) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** How the places do that flags come from, beside the configuration. */
    sources: () => [replica.status(), ...(vendor === undefined ? [] : [vendor.status()])],
    close: () => resources.disposeAsync(),
  };
  const place = await openOverrides(config, database, redis);
  const replica = await replicate(place, config, kept, refold);
  opened.defer(() => replica.close());
  opened.defer(() => clearTimeout(ending));
  opened.defer(config.onChange(FLAG_NAMES, refold));
  if (vendor !== undefined) opened.defer(vendor.onChange(refold));
  const resources = opened.move();
  return store;
}
