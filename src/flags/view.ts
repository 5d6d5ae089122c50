import type { FlagName } from '../config/keys/flags.ts';
import { decide, pickVariant, uncounted } from './evaluate.ts';
import { type FlagEntry, valueInUse } from './fold.ts';

export type FlagView = ReturnType<typeof createView>;
export type FlagExplanation = ReturnType<FlagView['explain']>;

type Said = Pick<FlagEntry, 'effective' | 'from' | 'ended' | 'source'>;
const UNKNOWN: Said = { effective: false, from: 'default', ended: false, source: 'not declared' };

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
    /**
     * The answer with its value, its reason and its source; `bucket` (0 to 99) where it decided.
     * No vendor counts it as a use.
     */
    explain(name: FlagName, subject?: string) {
      const { effective, from, ended, source } = entries.get(name) ?? UNKNOWN;
      const ruling = uncounted(effective);
      const { on, bucket, ...decision } = decide(name, ruling, subject);
      const reason = decision.reason ?? (ended ? ('expired override' as const) : from);
      const variant = pickVariant(name, ruling, subject);
      return { value: valueInUse(name, effective), on, variant, reason, source, bucket };
    },
  });
}
