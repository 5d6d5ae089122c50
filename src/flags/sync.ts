import { setTimeout as wait } from 'node:timers/promises';
import type { OverrideStore, StoredOverride } from './overrides/store.ts';
import type { FlagSourceStatus } from './vendor.ts';

const ANSWER_WITHIN_MS = 3_000;

/** The place where overrides are kept does not answer; nothing was changed. */
export class FlagStoreAwayError extends Error {
  readonly code = 'STORE_AWAY';
}

export interface Following {
  status(): FlagSourceStatus;
  /** Load the whole set soon: one load at a time, and one more when a hint comes meanwhile. */
  hint(): void;
  close(): Promise<void>;
}

interface Follower {
  /** Take in what was loaded; gives what the place has lost. */
  accept(overrides: readonly StoredOverride[]): readonly StoredOverride[];
  reconcileSeconds(): number;
}

/**
 * Subscribe, load, and keep loading: with every hint, and now and then should a hint be lost.
 * @throws when the first load fails; later ones leave everything as it is
 */
export async function follow(store: OverrideStore, follower: Follower): Promise<Following> {
  let loadedAt = Date.now();
  let failure: string | undefined;
  let running = false;
  let again = false;
  let closed = false;
  const load = async () => {
    const lost = follower.accept(await within(store.load()));
    if (lost.length > 0) await within(store.restore(lost));
    loadedAt = Date.now();
    failure = undefined;
  };
  const run = async () => {
    if (running) again = true;
    if (running || closed) return;
    running = true;
    do {
      again = false;
      await load().catch((error: unknown) => {
        failure = reasonOf(error);
      });
    } while (again && !closed);
    running = false;
  };
  const hint = () => void run();

  const unsubscribe = store.subscribe(hint);
  await load().catch(async (error: unknown) => {
    await unsubscribe();
    throw error;
  });
  let timer: NodeJS.Timeout;
  // Replicas that were started together must not load together.
  const plan = () => {
    const pause = follower.reconcileSeconds() * (0.75 + Math.random() / 4);
    timer = setTimeout(() => {
      hint();
      plan();
    }, pause * 1000).unref();
  };
  plan();
  return {
    status: () => ({
      source: store.name,
      status: failure === undefined ? 'fresh' : 'stale',
      ageSeconds: Math.round((Date.now() - loadedAt) / 1000),
      ...(failure === undefined ? {} : { reason: failure }),
    }),
    hint,
    async close() {
      closed = true;
      clearTimeout(timer);
      await unsubscribe();
    },
  };
}

/** Wait for an answer, but not for ever. @throws {FlagStoreAwayError} after 3 s */
export async function within<T>(answer: Promise<T>): Promise<T> {
  const patience = new AbortController();
  const late = wait(ANSWER_WITHIN_MS, undefined, { ref: false, signal: patience.signal }).then(
    () => {
      throw new FlagStoreAwayError('it does not answer in time');
    },
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    late.catch(() => undefined);
    patience.abort();
  }
}

// A driver's message may quote the address or a statement.
function reasonOf(error: unknown): string {
  if (error instanceof FlagStoreAwayError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^\w{1,40}$/.test(code) ? `it fails: ${code}` : 'it fails';
}
