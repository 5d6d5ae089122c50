import type { Key } from './key.ts';
import { maskDsn, maskUrls } from './mask-url.ts';
import { isPlainObject } from './plain.ts';
import { isSecretName, LONG_WORDS, MASK, SHORT_WORDS } from './secret.ts';
import { membersOf } from './value-type.ts';

const PEM = /-----BEGIN [^-]*-----[\s\S]*?(?:-----END [^-]*-----|$)/g;
// A stranger may choose the text, as with every URL: each pattern starts where a word does, so that
// the time grows with the length and not with its square.
const JWT = /(?<![\w-])(?=[\w-]+\.[\w-])([\w-]*?\b)eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)*/g;
const TOKEN_AFTER_SCHEME = /\b(bearer|basic)\s+[\w.~+/=-]+/gi;
const ESCAPE = /%([0-9a-f]{2})/gi;
// A word, or a part of a URL, that has such an escape.
const ENCODED = /(?<![^\s"?&#])([\w.-]+=)?[^\s"?&#%]*%[0-9a-f]{2}[^\s"?&#]*/gi;
const ELEMENT = /<([\w:.-]+)(\s[^<>]*)?>[^<]+(?=<\/)/g;
const PLAIN = /^[\w\s/.?=&,-]*$/;
const SUSPICIOUS = new RegExp(
  `${LONG_WORDS}|${SHORT_WORDS.replace('[a-z]*', '')}|eyJ|bearer|basic|-----BEGIN`,
  'i',
);
// `Password=a b;`, `password: x`, `{\"token\":\"x\"}`: all up to the next delimiter goes.
const NAMED = named('[^;&\\n,}\\]]*');
// A connection string: a value ends at a semicolon and nowhere else.
const NAMED_BEFORE_SEMICOLON = named('[^;\\n]*');

function named(rest: string): RegExp {
  return new RegExp(
    // The name of a store is not the name of a secret: `secretsmanager:myapp/prod#SECRET_KEY`.
    `((?<![\\w.-])(?=[\\w.-]+\\\\*["']?\\s*[=:])(?!secretsmanager:\\w)` +
      `(?:(?=[\\w.-]*(?:${LONG_WORDS}))|(?=(?:[\\w.-]*[_.-])?(?:${SHORT_WORDS})s?(?![\\w.-])))[\\w.-]+` +
      `\\\\*["']?\\s*[=:]\\s*)(?!\\s|$)` +
      // Quotes that are escaped end at the next ones that are escaped in the same way.
      `(?:(?<open>\\\\+["'])[\\s\\S]*?(?:(?<!\\\\)\\k<open>|$)|` +
      `"(?:[^"\\\\]|\\\\(?:""|.)|"")*"?|'(?:[^'\\\\]|\\\\(?:''|.)|'')*'?|\\{[^}]*\\}?)?${rest}`,
    'gi',
  );
}

/** A key's value as anybody may see it; `undefined` stays: a key that is not set hides nothing. */
export function maskSetting(key: Key, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (key.visibility === 'public') {
    // A text that a key does not take may be a secret in the wrong place.
    const isValid = key.type.safeParse(value, { jitless: true }).success;
    const mask = isValid ? maskText : () => MASK;
    // So may the name of a member, where the type does not list them.
    return maskValue(value, mask, membersOf(key.type).size > 0 ? maskText : mask);
  }
  return key.visibility === 'dsn' && typeof value === 'string' ? maskDsn(value) : MASK;
}

/** Mask a value that is not declared secret: whatever in it looks like one goes. */
export function maskValue(value: unknown, mask = maskText, maskName = maskText): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, mask, maskName));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isSecret = isSecretName(name) && (member ?? '') !== '';
      return [maskName(name), isSecret ? MASK : maskValue(member, mask, maskName)];
    }),
  );
}

/** Mask the secrets in a text: URLs, connection strings, tokens, keys, JSON. */
export function maskText(text: string): string {
  // Most texts are plain words, and one look at them is enough.
  if (PLAIN.test(text) && !SUSPICIOUS.test(text)) return text;
  const json = maskJson(text);
  if (json !== undefined) return json;
  return maskUrls(text.replace(PEM, MASK).replace(ELEMENT, maskElement))
    .replace(JWT, `$1${MASK}`)
    .replace(TOKEN_AFTER_SCHEME, `$1 ${MASK}`)
    .replace(text.includes(';') ? NAMED_BEFORE_SEMICOLON : NAMED, `$1${MASK}`)
    .replace(ENCODED, maskEncoded);
}

// What hides something once it is decoded goes; so does what is encoded twice, as nobody reads it.
function maskEncoded(part: string, name = ''): string {
  const decoded = part.replace(ESCAPE, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const isPublic = decoded.search(ESCAPE) === -1 && maskText(decoded) === decoded;
  return isPublic ? part : name + MASK;
}

function maskElement(element: string, name: string): string {
  return isSecretName(name) ? `<${name}>${MASK}` : element;
}

function maskJson(text: string): string | undefined {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    const masked = JSON.stringify(maskValue(parsed));
    return masked === JSON.stringify(parsed) ? undefined : masked;
  } catch {
    return undefined;
  }
}

/**
 * A masker for free text that also knows the secrets in use: any of them, plain or encoded, goes.
 * Secrets under 8 characters are left to `maskText`, since they would tear holes into other words.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= 8)
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(secret).toString('base64url'),
      Buffer.from(secret).toString('hex'),
    ])
    .sort((one, other) => other.length - one.length);
  const known = new RegExp([...new Set(forms)].map(RegExp.escape).join('|') || '$.', 'g');
  return (text) => maskText(text.replace(known, MASK));
}

/** A masked value as one printable line. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return '(not set)';
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Escape what would break a line or steer a terminal. */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
