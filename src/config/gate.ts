import { type Contribution, type EnvironmentName, isProtected, type Problem } from './model.ts';
import { type PlainObject, textsIn } from './plain.ts';
import { declarations } from './schema.ts';
import { howToSet } from './variables.ts';

const SHORTEST_SIGNING_SECRET = 32;
const SIGNING = ['SECRET_KEY', 'SECRET_KEY_FALLBACKS'];
const PLACEHOLDERS = ['devinsecurekey', 'changeme', 'replaceme', 'yoursecret', 'placeholder'];

/** What a choice cannot do without. */
const NEEDED: readonly (readonly [key: string, choice: string, needed: string])[] = [
  ['SESSION_STORE', 'redis', 'REDIS_URL'],
  ['FLAGS_STORE', 'redis', 'REDIS_URL'],
  ['FLAGS_VENDOR', 'unleash', 'UNLEASH_URL'],
  ['FLAGS_VENDOR', 'unleash', 'UNLEASH_TOKEN'],
  ['FLAGS_VENDOR', 'launchdarkly', 'LAUNCHDARKLY_SDK_KEY'],
  ['FLAGS_VENDOR', 'openfeature', 'FLAGS_OPENFEATURE_PROVIDER'],
];

type Rule = readonly [key: string, value: unknown, reason: string, safe: string];

/** What staging and production refuse. */
const UNSAFE: readonly Rule[] = [
  ['DEBUG', true, 'is on', 'false'],
  ['TESTING', true, 'is on', 'false'],
  ['CSRF_ENABLED', false, 'is off', 'true'],
  ['SESSION_COOKIE_SECURE', false, 'is off', 'true, and serve https'],
  ['SESSION_COOKIE_HTTPONLY', false, 'is off', 'true'],
  ['SESSION_COOKIE_SAMESITE', 'none', 'lets other sites send the cookie', 'lax or strict'],
];

/** What they warn of: what is kept in memory. */
const FORGETFUL: readonly Rule[] = [
  [
    'SESSION_STORE',
    'memory',
    'forgets sessions: a restart logs everybody out',
    'database or redis',
  ],
  ['FLAGS_STORE', 'memory', 'forgets overrides of flags at a restart', 'database or redis'],
];

interface Gated {
  readonly environment: EnvironmentName;
  /** Merged values; they need not be valid. */
  readonly values: PlainObject;
  origin(key: string): Pick<Contribution, 'layer' | 'source' | 'changedAt'> | undefined;
}

type Finding = Pick<Problem, 'key' | 'reason' | 'remedy'>;

/**
 * The rules that no single key's type can tell: values that contradict each other anywhere, and
 * values that are unsafe in staging and production. Plain code, so that it also runs when the
 * schema has found faults.
 */
export function checkGate(gated: Gated): Record<'problems' | 'warnings', Problem[]> {
  const { values } = gated;
  const strict = isProtected(gated.environment);
  const matching = (rules: readonly Rule[], why = '') =>
    rules
      .filter(([key, value]) => strict && values[key] === value)
      .map(([key, , reason, safe]) => ({ key, reason: reason + why, remedy: `set it to ${safe}` }));
  const withOrigin = (found: Finding): Problem => ({
    ...found,
    origin: gated.origin(found.key)?.source,
  });
  return {
    problems: [
      ...contradictions(values),
      ...(strict ? weakSecrets(gated) : []),
      ...matching(UNSAFE, ', which is unsafe here'),
    ].map(withOrigin),
    warnings: [...oldSecrets(gated), ...matching(FORGETFUL)].map(withOrigin),
  };
}

function contradictions(values: PlainObject): Finding[] {
  return NEEDED.filter(
    ([key, choice, needed]) => values[key] === choice && values[needed] === undefined,
  ).map(([key, choice, needed]) => ({
    key: needed,
    reason: `is needed where ${key} is ${choice}`,
    remedy: howToSet(needed),
  }));
}

function weakSecrets({ values, origin }: Gated): Finding[] {
  return [...declarations()].flatMap(([key, { visibility, publicMembers }]) => {
    const texts = textsIn(values[key], publicMembers);
    if (visibility === 'public' || isEmpty(values[key])) return [];
    const remedy = howToSet(key);
    if (origin(key)?.layer === 'class') {
      return { key, reason: 'comes from the source code, which is no place for it', remedy };
    }
    if (texts.some(isPlaceholder)) return { key, reason: 'is a placeholder', remedy };
    if (!SIGNING.includes(key) || texts.every(isLongEnough)) return [];
    const reason = `is under ${SHORTEST_SIGNING_SECRET} bytes`;
    return { key, reason, remedy: 'make one with: openssl rand -base64 48' };
  });
}

function oldSecrets({ values, origin }: Gated): Finding[] {
  const longest = values['SECRET_MAX_AGE_DAYS'];
  if (typeof longest !== 'number') return [];
  return [...declarations()].flatMap(([key, { visibility }]) => {
    const { changedAt = Date.now() } = origin(key) ?? {};
    const days = Math.floor((Date.now() - changedAt) / 86_400_000);
    if (visibility === 'public' || days <= longest) return [];
    const reason = `was changed ${days} days ago, over SECRET_MAX_AGE_DAYS (${longest})`;
    return { key, reason, remedy: 'rotate it; docs/runbook.md tells how' };
  });
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
