import { inspect } from 'node:util';

/** The one mask: no prefix, no length. */
export const MASK = '***';

/** A value that only `reveal()` gives away; printing it in any way shows its mask. */
export class Secret<T = string> {
  readonly #value: T;
  readonly #shown: string;

  /** `shown` is what every other way shows: `***`, or a URL with its secrets masked. */
  constructor(value: T, shown: string = MASK) {
    this.#value = value;
    this.#shown = shown;
  }

  /** The value itself: hand it to the one call that needs it and keep no copy. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return this.#shown;
  }

  toJSON(): string {
    return this.#shown;
  }

  [inspect.custom](): string {
    return this.#shown;
  }
}

/** Words that make a name a secret's wherever they stand in it. */
export const LONG_WORDS =
  'password|passwd|passphrase|secret|token|credential|authorization|cookie|session[_-]?id';
/** Words that do so only as a part of their own, or with others before them, as in `apiKey`. */
export const SHORT_WORDS =
  '[a-z]*(?:pass|pwd|key)|pw|sid|auth|sig|signature|jwt|otp|pin|salt|code|hash';

const CONTAINS = new RegExp(LONG_WORDS);
const IS_PART = new RegExp(`^(?:${SHORT_WORDS})s?\\d*$`);

/** Whether a member of a free-form map, or a parameter of a URL, is named like a secret. */
export function isSecretName(name: string): boolean {
  const parts = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return CONTAINS.test(parts.join('')) || parts.some((part) => IS_PART.test(part));
}

/**
 * Eight hex digits that let two replicas compare a secret without showing it: HMAC-SHA256 over the
 * value's JSON, keyed from SECRET_KEY. Nothing where there is no key.
 */
export function fingerprint(secretKey: unknown, value: unknown): string | undefined {
  if (typeof secretKey !== 'string' || secretKey === '' || value === undefined) return undefined;
  // Loaded on first use: most commands need no fingerprint.
  const { createHmac } = process.getBuiltinModule('node:crypto');
  const key = createHmac('sha256', secretKey).update('strata fingerprint').digest();
  return createHmac('sha256', key).update(JSON.stringify(value)).digest('hex').slice(0, 8);
}

/** Compare two texts in a time that does not tell where they differ. */
export function isSame(one: string, other: string): boolean {
  const { timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
