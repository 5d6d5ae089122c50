import type { FlagName, FlagValue } from '../config/keys/flags.ts';

/** Decides by itself for each subject, at once. */
export interface VendedRule {
  isOn(subject?: string): boolean;
  variant(subject: string): string | undefined;
}

/** What a vendor says about one flag: a value of ours, or a rule of its own. */
export type Vended = { readonly value: FlagValue } | VendedRule;

/** How a place that flags come from does. */
export interface FlagSourceStatus {
  readonly source: string;
  /** `stale`: it failed, and what it last said is used. */
  readonly status: 'fresh' | 'stale' | 'off';
  /** Since it last answered. */
  readonly ageSeconds: number;
  readonly reason?: string;
}

/** A service that decides about flags, beside the configuration and below overrides. */
export interface FlagVendor {
  /** Shown as the source of its values, as in `unleash`. */
  readonly name: string;
  /** The flags it knows; replaced as a whole when one changes. */
  values(): ReadonlyMap<FlagName, Vended>;
  onChange(listener: (names: readonly FlagName[]) => void): () => void;
  /** Ask it about one subject, where it can only be asked. */
  evaluate?(
    name: FlagName,
    subject?: string,
  ): Promise<{ on: boolean; variant?: string; reason: string } | undefined>;
  status(): FlagSourceStatus;
  close(): Promise<void>;
}
