import { FlagRevisionError, type OverrideStore, type StoredOverride } from './store.ts';

/** Overrides of this process alone, forgotten when it ends. A change is kept at once. */
export function memoryOverrides(): OverrideStore {
  const kept = new Map<string, StoredOverride>();
  return {
    name: 'memory',
    load: async () => [...kept.values()],
    put({ ifRevision, seen, ...change }) {
      const revision = kept.get(change.name)?.revision ?? 0;
      if (ifRevision !== undefined && ifRevision !== revision) throw new FlagRevisionError();
      const next = { ...change, revision: revision + 1 };
      kept.set(change.name, next);
      return next;
    },
    restore: async () => undefined,
    subscribe: () => () => undefined,
  };
}
