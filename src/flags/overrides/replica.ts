import type { AppConfig } from '../../config/app-config.ts';
import { inTime, LateError } from '../../config/in-time.ts';
import type { FlagName } from '../../config/keys/flags.ts';
import { StoreAwayError } from '../../config/store-away.ts';
import { createPulse } from '../source.ts';
import {
  FlagRevisionError,
  type OverrideChange,
  type OverrideStore,
  type StoredOverride,
} from './store.ts';

const ANSWER_WITHIN_MS = 3_000;
// What is left of that is for the answer's way back.
const KEEP_WITHIN_MS = 2_000;

/**
 * Keep a copy of the overrides in `kept`: subscribe, load, and load again with every hint, and now
 * and then should a hint be lost. `changed` is called when it may be another one.
 * @throws when the first load fails; later ones leave everything as it is
 */
export async function replicate(
  store: OverrideStore,
  config: AppConfig,
  kept: Map<FlagName, StoredOverride>,
  changed: () => void,
) {
  const pulse = createPulse(store.name);
  let news = Promise.withResolvers<void>();
  let closed = false;
  const hint = () => news.resolve();
  const revisionOf = (name: FlagName) => kept.get(name)?.revision ?? 0;
  const accept = (overrides: readonly StoredOverride[]) => {
    for (const one of overrides) if (one.revision > revisionOf(one.name)) kept.set(one.name, one);
    changed();
  };
  const load = async () => {
    const loaded = await inTime(store.load(), ANSWER_WITHIN_MS);
    accept(loaded);
    const there = new Map(loaded.map(({ name, revision }) => [name, revision]));
    for (const { revision, ...change } of kept.values()) {
      if (revision <= (there.get(change.name) ?? 0)) continue;
      // The place has lost it, and gets it back, however late, unless another replica was faster.
      const lost = { ...change, seen: revision - 1, ifRevision: revision - 1, deadline: Infinity };
      await inTime(store.put(lost), ANSWER_WITHIN_MS).catch((error: unknown) => {
        if (!(error instanceof FlagRevisionError)) throw error;
      });
    }
  };
  const keepLoading = async () => {
    while (!closed) {
      // Replicas that were started together must not load together.
      const pauseMs = config.get('FLAGS_RECONCILE_SECONDS') * (750 + Math.random() * 250);
      const timer = setTimeout(hint, pauseMs).unref();
      await news.promise;
      clearTimeout(timer);
      news = Promise.withResolvers();
      if (closed) return;
      await load().then(
        () => pulse.confirm(),
        (error: unknown) => pulse.confirm(reasonOf(error)),
      );
    }
  };

  const unsubscribe = store.subscribe(hint);
  await load().catch(async (error: unknown) => {
    await unsubscribe();
    throw error;
  });
  void keepLoading();
  return {
    status: pulse.status,
    put(change: Omit<OverrideChange, 'seen' | 'deadline'>) {
      const take = (own: StoredOverride) => {
        accept([own]);
        return own;
      };
      const how = { seen: revisionOf(change.name), deadline: Date.now() + KEEP_WITHIN_MS };
      const put = store.put({ ...change, ...how });
      // Without an `await` where none is needed: then the change is seen when this call returns.
      if (!(put instanceof Promise)) return take(put);
      return inTime(put, ANSWER_WITHIN_MS).then(take, (error: unknown) => {
        hint();
        if (error instanceof FlagRevisionError) throw error;
        throw new StoreAwayError(`the overrides' store (${store.name}) is away`);
      });
    },
    async close() {
      closed = true;
      hint();
      await unsubscribe();
    },
  };
}

// A driver's message may quote the address or a statement.
function reasonOf(error: unknown): string {
  if (error instanceof LateError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^\w{1,40}$/.test(code) ? `it fails: ${code}` : 'it fails';
}
