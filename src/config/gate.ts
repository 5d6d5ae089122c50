import { type Contribution, type EnvironmentName, isProtected, type Problem } from './model.ts';
import { type PlainObject, textsIn } from './plain.ts';
import { declarations } from './schema.ts';
import { howToSet } from './validate.ts';

const SHORTEST_SIGNING_SECRET = 32;
const PLACEHOLDERS = ['devinsecurekey', 'changeme', 'replaceme', 'yoursecret', 'placeholder'];

interface Gated {
  readonly environment: EnvironmentName;
  /** Merged values; they need not be valid. */
  readonly values: PlainObject;
  origin(key: string): Pick<Contribution, 'layer' | 'source' | 'changedAt'> | undefined;
}

interface Verdict {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/**
 * The rules that no single key's type can tell: values that contradict each other anywhere, and
 * values that are unsafe in staging and production. Plain code, so that it also runs when the
 * schema has found faults.
 */
export function checkGate(gated: Gated): Verdict {
  const strict = isProtected(gated.environment);
  return {
    problems: [
      ...contradictions(gated),
      ...(strict ? [...weakSecrets(gated), ...unsafeSwitches(gated)] : []),
    ],
    warnings: [...oldSecrets(gated), ...(strict ? forgetfulStores(gated) : [])],
  };
}

/** What a choice cannot do without. */
const NEEDED: readonly (readonly [key: string, choice: string, needed: string])[] = [
  ['SESSION_STORE', 'redis', 'REDIS_URL'],
  ['FLAGS_STORE', 'redis', 'REDIS_URL'],
  ['FLAGS_VENDOR', 'unleash', 'UNLEASH_URL'],
  ['FLAGS_VENDOR', 'unleash', 'UNLEASH_TOKEN'],
  ['FLAGS_VENDOR', 'launchdarkly', 'LAUNCHDARKLY_SDK_KEY'],
  ['FLAGS_VENDOR', 'openfeature', 'FLAGS_OPENFEATURE_PROVIDER'],
];

function contradictions(gated: Gated): Problem[] {
  const { values } = gated;
  return NEEDED.filter(
    ([key, choice, needed]) => values[key] === choice && values[needed] === undefined,
  ).map(([key, choice, needed]) =>
    found(gated, needed, `is needed where ${key} is ${choice}`, howToSet(needed)),
  );
}

function weakSecrets(gated: Gated): Problem[] {
  return [...declarations()].flatMap(([key, { visibility, publicMembers }]) => {
    const value = gated.values[key];
    if (visibility === 'public' || isEmpty(value)) return [];
    const remedy = howToSet(key);
    if (gated.origin(key)?.layer === 'class') {
      return [found(gated, key, 'comes from the source code, which is no place for it', remedy)];
    }
    const texts = textsIn(value, publicMembers);
    if (texts.some(isPlaceholder)) {
      return [found(gated, key, 'is a placeholder', remedy)];
    }
    const signs = key === 'SECRET_KEY' || key === 'SECRET_KEY_FALLBACKS';
    if (!signs || texts.every(isLongEnough)) return [];
    const reason = `is under ${SHORTEST_SIGNING_SECRET} bytes`;
    return [found(gated, key, reason, 'make one with: openssl rand -base64 48')];
  });
}

const UNSAFE: readonly (readonly [key: string, value: unknown, reason: string, safe: string])[] = [
  ['DEBUG', true, 'is on', 'false'],
  ['TESTING', true, 'is on', 'false'],
  ['CSRF_ENABLED', false, 'is off', 'true'],
  ['SESSION_COOKIE_SECURE', false, 'is off', 'true, and serve https'],
  ['SESSION_COOKIE_HTTPONLY', false, 'is off', 'true'],
  ['SESSION_COOKIE_SAMESITE', 'none', 'lets other sites send the cookie', 'lax or strict'],
];

function unsafeSwitches(gated: Gated): Problem[] {
  return UNSAFE.filter(([key, value]) => gated.values[key] === value).map(([key, , reason, safe]) =>
    found(gated, key, `${reason}, which is unsafe here`, `set it to ${safe}`),
  );
}

function oldSecrets(gated: Gated): Problem[] {
  const longest = gated.values['SECRET_MAX_AGE_DAYS'];
  if (typeof longest !== 'number') return [];
  return [...declarations()].flatMap(([key, { visibility }]) => {
    const changedAt = gated.origin(key)?.changedAt;
    if (visibility === 'public' || changedAt === undefined) return [];
    const days = Math.floor((Date.now() - changedAt) / 86_400_000);
    if (days <= longest) return [];
    const reason = `was changed ${days} days ago, over SECRET_MAX_AGE_DAYS (${longest})`;
    return [found(gated, key, reason, 'rotate it; docs/runbook.md tells how')];
  });
}

function forgetfulStores(gated: Gated): Problem[] {
  const kept = [
    ['SESSION_STORE', 'keeps sessions in memory: a restart logs everybody out'],
    ['FLAGS_STORE', 'keeps overrides of flags in memory: a restart forgets them'],
  ] as const;
  return kept
    .filter(([key]) => gated.values[key] === 'memory')
    .map(([key, reason]) => found(gated, key, reason, 'set it to database or redis'));
}

function found(gated: Gated, key: string, reason: string, remedy: string): Problem {
  const origin = gated.origin(key)?.source;
  return { key, reason, remedy, ...(origin === undefined ? {} : { origin }) };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function isLongEnough(text: string): boolean {
  return Buffer.byteLength(text) >= SHORTEST_SIGNING_SECRET;
}

// A placeholder as the whole secret, as the password of a URL, or as a signing key.
function isPlaceholder(text: string): boolean {
  const password = /^[a-z+]+:\/\/[^:]*:(.*)@/i.exec(text)?.[1] ?? text.replace(/^whsec_/, '');
  const letters = password.toLowerCase().replace(/[^a-z0-9]/g, '');
  return PLACEHOLDERS.some((placeholder) => letters.startsWith(placeholder));
}
