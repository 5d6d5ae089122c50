import { nearest } from './did-you-mean.ts';
import type { Loaded } from './load.ts';
import { maskSetting } from './mask.ts';
import type { LayerName, Origin } from './model.ts';
import { textsIn } from './plain.ts';
import { declaration, declarations, KEYS } from './schema.ts';
import { fingerprint } from './secret.ts';

/** One layer's say about a key, as anybody may see it. */
export interface Said extends Origin {
  readonly layer: LayerName;
  readonly source: string;
  readonly value: unknown;
  /** Beside a secret: equal fingerprints mean equal values. */
  readonly fingerprint?: string;
  /** When the source last changed it, in ms since the epoch, where it tells. */
  readonly changedAt?: number;
}

/** A value as anybody may see it, with a fingerprint where it is hidden. */
export type Shown = Pick<Said, 'value' | 'fingerprint'>;

/** Where a key's value comes from; nothing for a key that is not set. */
export function originOf(loaded: Loaded, key: string): Origin | undefined {
  assertKey(key);
  const top = loaded.contributions.get(key)?.at(-1);
  return top === undefined ? undefined : { layer: top.layer, source: top.source };
}

/** What every layer says about a key, masked, highest first. */
export function explainKey(loaded: Loaded, key: string): Said[] {
  assertKey(key);
  const said = loaded.contributions.get(key) ?? [];
  return said
    .map(({ layer, source, value, changedAt }) => ({
      layer,
      source,
      ...show(loaded, key, value),
      ...(changedAt === undefined ? {} : { changedAt }),
    }))
    .reverse();
}

/** Every key's value, masked, by name; `null` for a key that is not set. */
export function maskedValues(loaded: Loaded): Record<string, unknown> {
  return Object.fromEntries(
    [...declarations()]
      .map(([name, key]) => [name, maskSetting(key, loaded.values[name]) ?? null] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** A value of a key as anybody may see it. */
export function show(loaded: Loaded, key: string, value: unknown): Shown {
  const declared = assertKey(key);
  const mark =
    declared.visibility === 'public' ? undefined : fingerprint(loaded.values['SECRET_KEY'], value);
  return {
    value: maskSetting(declared, value),
    ...(mark === undefined ? {} : { fingerprint: mark }),
  };
}

/** Every text in a secret that any layer gave, the hidden ones included: what logs must not hold. */
export function secretTexts(loaded: Loaded): string[] {
  return [...loaded.contributions].flatMap(([name, said]) => {
    const { visibility, publicMembers } = declaration(name) ?? {};
    if (visibility === 'public') return [];
    const texts = said.flatMap(({ value }) => textsIn(value, publicMembers).flatMap(withBareKey));
    return visibility === 'dsn' ? texts.flatMap((text) => [text, ...passwordIn(text)]) : texts;
  });
}

// The prefix of a signing key only tells what it is.
function withBareKey(text: string): string[] {
  return text.startsWith('whsec_') ? [text, text.slice('whsec_'.length)] : [text];
}

function passwordIn(url: string): string[] {
  const password = /^[a-z+]+:\/\/[^:]*:(.*)@/i.exec(url)?.[1];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

function assertKey(key: string) {
  const declared = declaration(key);
  if (declared !== undefined) return declared;
  throw unknownKeyError(key);
}

/** The error for a name that is no key, with the nearest one that is. */
export function unknownKeyError(key: string): Error {
  const near = nearest(key, Object.keys(KEYS));
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  const name = /^\w{1,64}$/.test(key) ? key : 'That';
  return new RangeError(`${name} is not a configuration key${hint}`);
}
