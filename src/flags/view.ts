import type { FlagName, FlagValue } from '../config/keys/flags.ts';
import { type Decision, decide, pickVariant } from './evaluate.ts';
import { type FlagEntry, shownValue } from './fold.ts';

export interface FlagExplanation {
  /** What the flag is set to; for a vendor's own rule, its answer. */
  readonly value: FlagValue;
  readonly on: boolean;
  readonly variant?: string | undefined;
  readonly reason: FlagEntry['from'] | NonNullable<Decision['reason']> | 'expired override';
  /** Where the value comes from: an origin of the configuration, a vendor, or `override`. */
  readonly source: string;
  /** 0 to 99, where a rollout decided. */
  readonly bucket?: number | undefined;
}

export type FlagView = ReturnType<typeof createView>;

/** The flags at one moment: it never changes. Every call is synchronous and never throws. */
export function createView(entries: ReadonlyMap<string, FlagEntry>) {
  return Object.freeze({
    /** Whether the flag is on, for a subject where it is rolled out in part. */
    isOn(name: FlagName, subject?: string): boolean {
      const ruling = entries.get(name)?.effective;
      return typeof ruling === 'object' ? decide(name, ruling, subject).on : ruling === true;
    },
    /** The variant that the subject gets, or nothing. */
    variant(name: FlagName, subject: string): string | undefined {
      return pickVariant(name, entries.get(name)?.effective, subject);
    },
    /** The answer with its reason. */
    explain(name: FlagName, subject?: string): FlagExplanation {
      const entry = entries.get(name);
      if (entry === undefined) {
        return { value: false, on: false, reason: 'default', source: 'not declared' };
      }
      const { effective, from, ended, source } = entry;
      const {
        on,
        bucket,
        reason = ended ? 'expired override' : from,
      } = decide(name, effective, subject);
      const variant = pickVariant(name, effective, subject);
      return { value: shownValue(entry), on, variant, reason, source, bucket };
    },
  });
}
