import { passwordsIn } from './database-url.ts';
import { nearest } from './did-you-mean.ts';
import type { Key } from './key.ts';
import type { Loaded } from './load.ts';
import { maskSetting } from './mask.ts';
import type { Origin } from './model.ts';
import { textsIn } from './plain.ts';
import { declaration, KEYS } from './schema.ts';
import { fingerprint } from './secret.ts';

/** A value as anybody may see it. */
export interface Shown {
  readonly value: unknown;
  /** Beside a secret: equal fingerprints mean equal values. */
  readonly fingerprint?: string | undefined;
}

/** One layer's say about a key, as anybody may see it. */
export interface Said extends Origin, Shown {
  /** When the source last changed it, in ms since the epoch, where it tells. */
  readonly changedAt?: number | undefined;
}

/** Where a key's value comes from; nothing for a key that is not set. */
export function originOf(loaded: Loaded, key: string): Origin | undefined {
  assertKey(key);
  const top = loaded.contributions.get(key)?.at(-1);
  return top && { layer: top.layer, source: top.source };
}

/** What every layer says about a key, masked, highest first. */
export function explainKey(loaded: Loaded, key: string): Said[] {
  assertKey(key);
  return (loaded.contributions.get(key) ?? [])
    .map(({ key: _, value, ...origin }) => ({ ...origin, ...show(loaded, key, value) }))
    .reverse();
}

/** Every key's value, masked, by name; `null` for a key that is not set. */
export function maskedValues(loaded: Loaded): Record<string, unknown> {
  const names = Object.keys(KEYS).sort();
  return Object.fromEntries(
    names.map((name) => [name, maskSetting(assertKey(name), loaded.values[name]) ?? null]),
  );
}

/** A value of a key as anybody may see it. */
export function show({ values }: Loaded, key: string, value: unknown): Shown {
  const declared = assertKey(key);
  const isPublic = declared.visibility === 'public';
  return {
    value: maskSetting(declared, value),
    fingerprint: isPublic ? undefined : fingerprint(values['SECRET_KEY'], value),
  };
}

/** Every text in a secret that any layer gave, the hidden ones included: what logs must not hold. */
export function secretTexts(loaded: Loaded): string[] {
  return [...loaded.contributions].flatMap(([name, said]) => {
    const { visibility, publicMembers } = assertKey(name);
    if (visibility === 'public') return [];
    const texts = said.flatMap(({ value }) => textsIn(value, publicMembers));
    return texts.flatMap((text) => [
      text,
      // The prefix of a signing key only tells what it is.
      ...(text.startsWith('whsec_') ? [text.slice('whsec_'.length)] : []),
      ...(visibility === 'dsn' ? passwordsIn(text) : []),
    ]);
  });
}

function assertKey(key: string): Key {
  const declared = declaration(key);
  if (declared === undefined) throw unknownKeyError(key);
  return declared;
}

/** The error for a name that is no key, with the nearest one that is. */
export function unknownKeyError(key: string): Error {
  const near = nearest(key, Object.keys(KEYS));
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  const name = /^\w{1,64}$/.test(key) ? key : 'That';
  return new RangeError(`${name} is not a configuration key${hint}`);
}
