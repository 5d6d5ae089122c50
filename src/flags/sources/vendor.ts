import type { FlagName } from '../../config/keys/flags.ts';
import type { Ruling } from '../evaluate.ts';
import { createPulse } from '../source.ts';

/** How long (ms) a start waits for a vendor. */
export const START_PATIENCE_MS = 2_000;

/** A service that decides about flags, beside the configuration and below overrides. */
export interface FlagVendor extends ReturnType<typeof createFeed> {
  /** Ask it about one subject, where it can only be asked. Nothing where it cannot tell. */
  evaluate?(
    name: FlagName,
    subject?: string,
  ): Promise<{ on: boolean; variant?: string } | undefined>;
  close(): Promise<void>;
}

/** What is known from a vendor at the moment, and how sure that is. */
export function createFeed(name: string) {
  const listeners = new Set<() => void>();
  let values: ReadonlyMap<FlagName, Ruling> = new Map();
  return {
    /** Shown as the source of its values, as in `unleash`. */
    name,
    ...createPulse(name, 'has not answered yet'),
    /** The flags it knows; replaced as a whole when one changes. */
    values: () => values,
    replace(next: typeof values) {
      values = next;
      for (const listener of listeners) listener();
    },
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** What a flag may be called at a vendor, best first: `FEATURE_NEW_CHECKOUT`, `new-checkout`. */
export function vendorNames(name: FlagName): readonly string[] {
  return [name, name.slice('FEATURE_'.length).toLowerCase().replaceAll('_', '-')];
}

/** The words of whatever was thrown; they may hold a secret. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
