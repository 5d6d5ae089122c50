import type { AppConfig } from '../config/app-config.ts';
import { expiryOf, FLAGS, type FlagName, type FlagValue, isExpired } from '../config/keys/flags.ts';
import { maskText, printable } from '../config/mask.ts';
import { decide, isRule, type Ruling, uncounted } from './evaluate.ts';
import type { StoredOverride } from './overrides/store.ts';
import type { FlagVendor } from './sources/vendor.ts';

/** Everything that is said about one flag at one moment. */
export interface FlagEntry {
  readonly name: FlagName;
  readonly configured: { readonly value: FlagValue; readonly source: string };
  readonly vended?: { readonly source: string; readonly said: Ruling } | undefined;
  /** The last change, in force or not. */
  readonly kept?: StoredOverride | undefined;
  /** Whether the override had an end, which has come. */
  readonly ended: boolean;
  /** What wins, and where it comes from. */
  readonly effective: Ruling;
  readonly from: 'default' | 'config' | 'vendor' | 'override';
  readonly source: string;
}

/** Lay the vendor over the configuration, and an override in force at `now` over both. */
export function fold(
  config: AppConfig,
  vendor: FlagVendor | undefined,
  name: FlagName,
  kept: StoredOverride | undefined,
  now: number,
): FlagEntry {
  const { layer, source = 'default' } = config.origin(name) ?? {};
  const configured = { value: config.snapshot[name], source };
  const said = vendor?.values().get(name);
  const vended = vendor && said !== undefined ? { source: vendor.name, said } : undefined;
  const ended = kept?.value !== undefined && (kept.until ?? Infinity) <= now;
  const entry = { name, configured, vended, kept, ended };
  if (kept?.value !== undefined && !ended) {
    return { ...entry, effective: kept.value, from: 'override', source: 'override' };
  }
  if (vended) return { ...entry, effective: vended.said, from: 'vendor', source: vended.source };
  const from = layer === 'class' ? 'default' : 'config';
  return { ...entry, effective: configured.value, from, source };
}

/** The value in use; of a vendor's own rule, what it says of nobody in particular. */
export function valueInUse(name: FlagName, effective: Ruling): FlagValue {
  return isRule(effective) ? decide(name, uncounted(effective)).on : effective;
}

export type FlagState = ReturnType<typeof describeEntry>;

/** A flag as operators see it: texts that came from outside are masked; a value is none of them. */
export function describeEntry(entry: FlagEntry) {
  const { name, vended, effective, from, source } = entry;
  const flag = FLAGS[name];
  const { description, owner, kind, created } = flag;
  const configured = { ...entry.configured, source: maskText(entry.configured.source) };
  const below = vended
    ? { value: valueInUse(name, vended.said), source: maskText(vended.source) }
    : configured;
  const kept = entry.kept && masked(entry.kept);
  const override = from === 'override' ? kept : undefined;
  return {
    name,
    /** Can be sent back as it is. */
    value: valueInUse(name, effective),
    /** Where the value comes from: an origin of the configuration, a vendor, or `override`. */
    source: maskText(source),
    description,
    owner,
    kind,
    created,
    expires: expiryOf(flag),
    expired: isExpired(flag, Date.now()),
    /** Grows with every change of the override; 0 where there never was one. */
    revision: kept?.revision ?? 0,
    configured,
    /** What is in force where no override is. */
    below,
    /** Without `value` it decides for each subject. */
    vendor: vended && {
      source: maskText(vended.source),
      value: isRule(vended.said) ? undefined : vended.said,
    },
    lastChange: kept && { by: kept.by, at: kept.at, reason: kept.reason },
    /** The override in force. */
    override,
    /** What an override in force hides, since when, and how to take it back: one printable line. */
    notice: override && noticeOf(override, below),
  };
}

function masked(override: StoredOverride): StoredOverride {
  const { by, reason } = override;
  return { ...override, by: maskText(by), reason: reason && maskText(reason) };
}

function noticeOf(override: StoredOverride, hidden: FlagEntry['configured']): string {
  const { name, value, by, at, reason, until } = override;
  const moment = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  const end = until === undefined ? '' : `, until ${moment(until)}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  return printable(
    `${name} is overridden with ${JSON.stringify(value)} by ${by} since ${moment(at)}${end}${why}: ` +
      `that hides ${JSON.stringify(hidden.value)} of ${hidden.source}. ` +
      `To take it back: npm run flags -- unset ${name}`,
  );
}
