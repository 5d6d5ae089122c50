import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { FLAG_NAMES, type FlagName } from '../../config/keys/flags.ts';
import type { FlagVendor, Vended } from '../vendor.ts';

/** How long (ms) a start waits for a vendor. */
export const START_PATIENCE_MS = 2_000;

type Listener = Parameters<FlagVendor['onChange']>[0];
type Values = ReadonlyMap<FlagName, Vended>;

/** What is known from a vendor at the moment, and how sure that is. */
export function createFeed(name: string) {
  const listeners = new Set<Listener>();
  let values: Values = new Map();
  let confirmedAt = Date.now();
  let doubt: string | undefined = 'has not answered yet';
  return {
    name,
    values: () => values,
    onChange(listener: Listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    status: (): ReturnType<FlagVendor['status']> => ({
      source: name,
      status: doubt === undefined ? 'fresh' : 'stale',
      ageSeconds: Math.round((Date.now() - confirmedAt) / 1000),
      ...(doubt === undefined ? {} : { reason: doubt }),
    }),
    /** The values are right at this moment; or why they may be old, without a secret. */
    confirm(reason?: string) {
      if (reason === undefined) confirmedAt = Date.now();
      doubt = reason;
    },
    replace(next: Values) {
      const changed = FLAG_NAMES.filter(
        (flag) => !isDeepStrictEqual(values.get(flag), next.get(flag)),
      );
      values = next;
      if (changed.length > 0) for (const listener of listeners) listener(changed);
    },
  };
}

/** What a promise gives, or nothing when it takes longer than `ms`; then it goes on unheard. */
export function inTime<T>(promise: Promise<T>, ms = START_PATIENCE_MS): Promise<T | undefined> {
  const ended = new AbortController();
  const late = pause(ms, undefined, { signal: ended.signal }).catch(() => undefined);
  return Promise.race([promise, late]).finally(() => ended.abort());
}

/** The words of whatever was thrown; they may hold a secret. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
