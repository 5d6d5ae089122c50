import type { FlagName, FlagValue } from '../config/keys/flags.ts';
import { type Decision, decide, pickVariant } from './evaluate.ts';
import type { StoredOverride } from './overrides/store.ts';
import type { Vended, VendedRule } from './vendor.ts';

/** Everything that is said about one flag at one moment. */
export interface FlagEntry {
  readonly name: FlagName;
  readonly configured: { readonly value: FlagValue; readonly source: string };
  readonly vended?: { readonly from: string; readonly said: Vended };
  /** The last change, in force or not. */
  readonly kept?: StoredOverride;
  /** Whether the override had an end, which has come. */
  readonly ended: boolean;
  /** What wins. */
  readonly effective: FlagValue | VendedRule;
  readonly from: 'default' | 'config' | 'vendor' | 'override';
}

export interface FlagExplanation {
  /** What the flag is set to; for a vendor's own rule, its answer. */
  readonly value: FlagValue;
  readonly on: boolean;
  readonly variant?: string;
  readonly reason: FlagEntry['from'] | NonNullable<Decision['reason']> | 'expired override';
  /** Where the value comes from: an origin of the configuration, a vendor, or `override`. */
  readonly source: string;
  /** 0 to 99, where a rollout decided. */
  readonly bucket?: number;
}

/** The flags at one moment: it never changes. Every call is synchronous and never throws. */
export interface FlagView {
  /** Whether the flag is on, for a subject where it is rolled out in part. */
  isOn(name: FlagName, subject?: string): boolean;
  /** The variant that the subject gets, or nothing. */
  variant(name: FlagName, subject: string): string | undefined;
  /** The answer with its reason. */
  explain(name: FlagName, subject?: string): FlagExplanation;
}

/** What is in force for each flag: what a read looks up. */
export type Effective = ReadonlyMap<string, FlagEntry['effective']>;

export function effectiveOf(entries: ReadonlyMap<string, FlagEntry>): Effective {
  return new Map([...entries].map(([name, { effective }]) => [name, effective]));
}

export function createView(
  entries: ReadonlyMap<string, FlagEntry>,
  values: Effective = effectiveOf(entries),
): FlagView {
  return Object.freeze<FlagView>({
    isOn(name, subject) {
      const value = values.get(name);
      return typeof value === 'boolean' ? value : isOnFor(name, value, subject);
    },
    variant(name, subject) {
      const value = values.get(name);
      return typeof value === 'object' ? variantFor(name, value, subject) : undefined;
    },
    explain(name, subject) {
      const entry = entries.get(name);
      return entry === undefined
        ? { value: false, on: false, reason: 'default', source: 'not declared' }
        : explainEntry(entry, subject);
    },
  });
}

function isOnFor(
  name: string,
  value: FlagValue | VendedRule | undefined,
  subject: string | undefined,
): boolean {
  if (value === undefined) return false;
  if (isRule(value)) return ask(() => value.isOn(subject)) === true;
  return decide(name, value, textOf(subject)).on;
}

function variantFor(
  name: string,
  value: Exclude<FlagValue, boolean> | VendedRule,
  subject: string,
): string | undefined {
  if (isRule(value)) return ask(() => value.variant(subject));
  const who = textOf(subject);
  if (who === undefined || !decide(name, value, who).on) return undefined;
  return pickVariant(name, value, who);
}

function explainEntry(entry: FlagEntry, subject: string | undefined): FlagExplanation {
  const { name, effective, from } = entry;
  const on = isOnFor(name, effective, subject);
  const variant =
    typeof effective === 'object' && subject !== undefined
      ? variantFor(name, effective, subject)
      : undefined;
  const decision = isRule(effective) ? { on } : decide(name, effective, textOf(subject));
  return {
    value: valueIn(entry),
    on,
    ...(variant === undefined ? {} : { variant }),
    reason: decision.reason ?? (entry.ended ? 'expired override' : from),
    source: sourceIn(entry),
    ...(decision.bucket === undefined ? {} : { bucket: decision.bucket }),
  };
}

/** The value in use; of a vendor's own rule, what it says of nobody in particular. */
export function valueIn({ name, effective }: FlagEntry): FlagValue {
  return isRule(effective) ? isOnFor(name, effective, undefined) : effective;
}

export function sourceIn({ from, vended, configured }: FlagEntry): string {
  if (from === 'override') return 'override';
  return from === 'vendor' && vended !== undefined ? vended.from : configured.source;
}

export function isRule(value: FlagValue | VendedRule | Vended): value is VendedRule {
  return typeof value === 'object' && 'isOn' in value;
}

// A vendor's fault turns its flag off, and no request into a failure.
function ask<T>(rule: () => T): T | undefined {
  try {
    return rule();
  } catch {
    return undefined;
  }
}

// JavaScript may hand in a number, or an object without any text.
function textOf(subject: unknown): string | undefined {
  if (typeof subject === 'number' || typeof subject === 'bigint') return String(subject);
  return typeof subject === 'string' ? subject : undefined;
}
