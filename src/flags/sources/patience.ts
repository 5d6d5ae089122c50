import { setTimeout as pause } from 'node:timers/promises';

/** How long (ms) a start waits for a vendor. */
export const START_PATIENCE_MS = 2_000;

/** What a promise gives, or nothing when it takes longer than `ms`; then it goes on unheard. */
export async function inTime<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const ended = new AbortController();
  const late = pause(ms, undefined, { signal: ended.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    ended.abort();
  }
}
