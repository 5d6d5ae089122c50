/** The one mask: no prefix, no length. */
export const MASK = '***';

/** Words that make a name a secret's wherever they stand in it. */
export const LONG_WORDS = 'password|passwd|passphrase|secret|token|credential|authorization|cookie';
/** Words that do so only as a part of their own, or with others before them, as in `apiKey`. */
export const SHORT_WORDS =
  'pass|pwd|pw|sid|[a-z]*key|auth|sig|signature|jwt|otp|pin|salt|code|hash';

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
