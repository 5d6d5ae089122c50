import { setTimeout as pause } from 'node:timers/promises';

/** How a place that flags come from does. */
export interface FlagSourceStatus {
  readonly source: string;
  /** `stale`: it failed, and what it last said is used. */
  readonly status: 'fresh' | 'stale';
  /** Since it last answered. */
  readonly ageSeconds: number;
  readonly reason?: string | undefined;
}

/** What is known of such a place: when it last answered, and why it is doubted since. */
export function createPulse(source: string, firstDoubt?: string) {
  let doubt = firstDoubt;
  let answeredAt = Date.now();
  return {
    /** It has just answered; or, for a reason that tells no secret, it has not. */
    confirm(reason?: string) {
      if (reason === undefined) answeredAt = Date.now();
      doubt = reason;
    },
    status: (): FlagSourceStatus => ({
      source,
      status: doubt === undefined ? 'fresh' : 'stale',
      ageSeconds: Math.round((Date.now() - answeredAt) / 1000),
      reason: doubt,
    }),
  };
}

/** What a promise gives, or nothing when it takes longer than `ms`; then it goes on unheard. */
export function inTime<T>(promise: T | Promise<T>, ms: number): Promise<T | undefined> {
  const ended = new AbortController();
  const late = pause(ms, undefined, { signal: ended.signal }).catch(() => undefined);
  return Promise.race([promise, late]).finally(() => ended.abort());
}
