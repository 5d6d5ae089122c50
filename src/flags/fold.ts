import { isDeepStrictEqual } from 'node:util';
import type { AppConfig } from '../config/app-config.ts';
import {
  expiryOf,
  FLAG_NAMES,
  FLAGS,
  type FlagDeclaration,
  type FlagName,
  type FlagValue,
  isExpired,
} from '../config/keys/flags.ts';
import { maskValue } from '../config/mask.ts';
import type { StoredOverride } from './overrides/store.ts';
import type { FlagState } from './store.ts';
import type { FlagVendor } from './vendor.ts';
import { type FlagEntry, isRule, sourceIn, valueIn } from './view.ts';

export type Entries = ReadonlyMap<FlagName, FlagEntry>;

/** Lay the vendor over the configuration, and the overrides in force at `now` over both. */
export function fold(
  config: AppConfig,
  vendor: FlagVendor | undefined,
  kept: ReadonlyMap<FlagName, StoredOverride>,
  now: number,
): Entries {
  const vended = vendor?.values();
  const entryOf = (name: FlagName): FlagEntry => {
    const origin = config.origin(name);
    const configured = { value: config.snapshot[name], source: origin?.source ?? 'default' };
    const said = vended?.get(name);
    const override = kept.get(name);
    const ended = override?.value !== undefined && (override.until ?? Infinity) <= now;
    const common = {
      name,
      configured,
      ended,
      ...(vendor === undefined || said === undefined
        ? {}
        : { vended: { from: vendor.name, said } }),
      ...(override === undefined ? {} : { kept: override }),
    };
    if (override?.value !== undefined && !ended) {
      return { ...common, effective: override.value, from: 'override' };
    }
    if (said !== undefined) {
      return { ...common, effective: isRule(said) ? said : said.value, from: 'vendor' };
    }
    const from = origin?.layer === 'class' ? 'default' : 'config';
    return { ...common, effective: configured.value, from };
  };
  return new Map(FLAG_NAMES.map((name) => [name, entryOf(name)]));
}

/** Whether nothing that anybody can see of a flag has changed. */
export function isSame(one: FlagEntry | undefined, other: FlagEntry | undefined): boolean {
  return isDeepStrictEqual(one, other);
}

/** An entry as operators see it: texts that came from outside are masked. */
export function describeEntry(entry: FlagEntry): FlagState {
  const { name, configured, vended, kept, from } = entry;
  const flag: FlagDeclaration = FLAGS[name];
  const expires = expiryOf(flag);
  const state = {
    name,
    value: valueIn(entry),
    source: sourceIn(entry),
    description: flag.description,
    owner: flag.owner,
    kind: flag.kind,
    created: flag.created,
    ...(expires === undefined ? {} : { expires }),
    expired: isExpired(flag, Date.now()),
    revision: kept?.revision ?? 0,
    configured,
    ...(vended === undefined
      ? {}
      : { vendor: { source: vended.from, ...(isRule(vended.said) ? {} : vended.said) } }),
    ...(kept === undefined ? {} : { lastChange: lastChangeOf(kept) }),
  };
  const shown =
    from === 'override' && kept?.value !== undefined
      ? { ...state, override: overrideOf(kept, kept.value), notice: noticeOf(kept, configured) }
      : state;
  // A mask is a text in the place of a text, or of a member that is named like a secret.
  return maskValue(shown) as FlagState;
}

function overrideOf({ name: _, ...override }: StoredOverride, value: FlagValue) {
  return { ...override, value };
}

function lastChangeOf({ by, at, reason }: StoredOverride) {
  return { by, at, ...(reason === undefined ? {} : { reason }) };
}

function noticeOf(override: StoredOverride, hidden: FlagEntry['configured']): string {
  const { name, value, by, at, reason, until } = override;
  const end = until === undefined ? '' : `, until ${toText(until)}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  return (
    `${name} is overridden with ${JSON.stringify(value)} by ${by} since ${toText(at)}${end}${why}: ` +
    `that hides ${JSON.stringify(hidden.value)} of ${hidden.source}. ` +
    `To take it back: npm run flags -- unset ${name}`
  );
}

function toText(moment: number): string {
  return new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z');
}
