import { passwordsIn } from './database-url.ts';
import {
  type Contribution,
  type Contributions,
  type EnvironmentName,
  isProtected,
  type Problem,
} from './model.ts';
import { type PlainObject, textsIn } from './plain.ts';
import { declarations } from './schema.ts';
import { howToSet } from './variables.ts';

const SHORTEST_SIGNING_SECRET = 32;
const SIGNING = ['SECRET_KEY', 'SECRET_KEY_FALLBACKS'];
const PLACEHOLDERS = ['devinsecurekey', 'changeme', 'replaceme', 'yoursecret', 'placeholder'];

/** What a choice cannot do without, anywhere. */
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
  ['DEBUG', true, 'is on, which is unsafe here', 'false'],
  ['TESTING', true, 'is on, which is unsafe here', 'false'],
  ['CSRF_ENABLED', false, 'is off, which is unsafe here', 'true'],
  ['SESSION_COOKIE_SECURE', false, 'is off, which is unsafe here', 'true, and serve https'],
  ['SESSION_COOKIE_HTTPONLY', false, 'is off, which is unsafe here', 'true'],
  ['SESSION_COOKIE_SAMESITE', 'none', 'lets other sites send the cookie', 'lax or strict'],
];

/** What they warn of. */
const FORGETFUL: readonly Rule[] = [
  ['SESSION_STORE', 'memory', 'logs everybody out at a restart', 'database or redis'],
  ['FLAGS_STORE', 'memory', 'forgets overrides of flags at a restart', 'database or redis'],
];

type Finding = Pick<Problem, 'key' | 'reason' | 'remedy'>;
type Top = (key: string) => Contribution | undefined;

/**
 * The rules that no single key's type can tell: values that contradict each other anywhere, and
 * values that are unsafe in staging and production. Plain code, so that it also runs when the
 * schema has found faults.
 */
export function checkGate(
  environment: EnvironmentName,
  values: PlainObject,
  contributions: Contributions,
): Record<'problems' | 'warnings', Problem[]> {
  const isStrict = isProtected(environment);
  const top: Top = (key) => contributions.get(key)?.at(-1);
  const problems = [
    ...contradictions(values),
    ...(isStrict ? [...weakSecrets(values, top), ...matching(UNSAFE, values)] : []),
  ];
  const warnings = [...oldSecrets(values, top), ...(isStrict ? matching(FORGETFUL, values) : [])];
  const withOrigin = (found: Finding) => ({ ...found, origin: top(found.key)?.source });
  return { problems: problems.map(withOrigin), warnings: warnings.map(withOrigin) };
}

function contradictions(values: PlainObject): Finding[] {
  return NEEDED.filter(
    ([key, choice, needed]) => values[key] === choice && values[needed] === undefined,
  ).map(([key, choice, needed]) => {
    return { key: needed, reason: `is needed where ${key} is ${choice}`, remedy: howToSet(needed) };
  });
}

function matching(rules: readonly Rule[], values: PlainObject): Finding[] {
  return rules
    .filter(([key, value]) => values[key] === value)
    .map(([key, , reason, safe]) => ({ key, reason, remedy: `set it to ${safe}` }));
}

function weakSecrets(values: PlainObject, top: Top): Finding[] {
  return [...declarations()].flatMap(([key, { visibility, publicMembers }]) => {
    if (visibility === 'public' || isEmpty(values[key])) return [];
    const remedy = howToSet(key);
    if (top(key)?.layer === 'class') {
      return { key, reason: 'comes from the source code, which is no place for it', remedy };
    }
    const texts = textsIn(values[key], publicMembers);
    if (texts.some(isPlaceholder)) return { key, reason: 'is a placeholder', remedy };
    const isShort = texts.some((text) => Buffer.byteLength(text) < SHORTEST_SIGNING_SECRET);
    if (!isShort || !SIGNING.includes(key)) return [];
    const reason = `is under ${SHORTEST_SIGNING_SECRET} bytes`;
    return { key, reason, remedy: 'make one with: openssl rand -base64 48' };
  });
}

function oldSecrets(values: PlainObject, top: Top): Finding[] {
  const longest = Number(values['SECRET_MAX_AGE_DAYS']);
  return [...declarations()].flatMap(([key, { visibility }]) => {
    const changedAt = top(key)?.changedAt;
    if (visibility === 'public' || changedAt === undefined) return [];
    const days = Math.floor((Date.now() - changedAt) / 86_400_000);
    const reason = `was changed ${days} days ago, over SECRET_MAX_AGE_DAYS (${longest})`;
    return days > longest ? { key, reason, remedy: 'rotate it; docs/runbook.md tells how' } : [];
  });
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

// A placeholder as the whole secret, as a password of a URL, or as a signing key.
function isPlaceholder(text: string): boolean {
  return [text.replace(/^whsec_/, ''), ...passwordsIn(text)].some((one) => {
    const letters = one.toLowerCase().replace(/[^a-z0-9]/g, '');
    return PLACEHOLDERS.some((placeholder) => letters.startsWith(placeholder));
  });
}
