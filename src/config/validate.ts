import type { z } from 'zod';
import type { Contribution, Problem } from './model.ts';
import { isPlainObject, type PlainObject } from './plain.ts';
import { declaration, settingsSchema } from './schema.ts';
import { describeType, membersOf, typeAt } from './value-type.ts';
import { variablesOf } from './variables.ts';

type Contributions = ReadonlyMap<string, readonly Contribution[]>;

/** Check merged values against the one schema; every problem names the source to correct. */
export function validate(values: PlainObject, contributions: Contributions): Problem[] {
  // Compiling a parser costs more than the one run of it.
  const result = settingsSchema.safeParse(values, { jitless: true });
  if (result.success) return [];
  const problems = result.error.issues.map((issue) => describeIssue(issue, values, contributions));
  // One wrong value may break several rules of its type, which all read the same here.
  return [...new Map(problems.map((problem) => [problem.key + problem.reason, problem])).values()];
}

function describeIssue(
  issue: z.core.$ZodIssue,
  values: PlainObject,
  contributions: Contributions,
): Problem {
  const [head, ...inner] = issue.path;
  const key = String(head);
  const said = contributions.get(key) ?? [];
  if (values[key] === undefined) {
    return { key, reason: 'is not set', remedy: howToSet(key) };
  }
  const culprit =
    said.findLast((contribution) => hasPath(contribution.value, inner)) ?? said.at(-1);
  const lower = culprit === undefined ? [] : said.slice(0, said.indexOf(culprit));
  return {
    key: [
      key,
      ...declaredPath(key, inner).map((part) =>
        typeof part === 'number' ? part + 1 : String(part),
      ),
    ].join('.'),
    reason: describeReason(issue, key, inner),
    ...(culprit === undefined ? {} : { origin: culprit.source }),
    shadows: lower.map(({ source }) => source).reverse(),
    remedy: culprit === undefined ? howToSet(key) : `correct ${culprit.source}`,
  };
}

// Names that a person chose freely, as those of variants, may be values in the wrong place.
function declaredPath(key: string, inner: readonly PropertyKey[]): readonly PropertyKey[] {
  const type = declaration(key)?.type;
  const free = inner.findIndex((part, index) => {
    const parent = type && typeAt(type, inner.slice(0, index));
    return !parent || (typeof part !== 'number' && !membersOf(parent).has(String(part)));
  });
  return free === -1 ? inner : inner.slice(0, free);
}

// Only our own words: the schema's messages repeat values and names.
function describeReason(
  issue: z.core.$ZodIssue,
  key: string,
  inner: readonly PropertyKey[],
): string {
  if (issue.code === 'custom' || issue.code === 'invalid_format') return issue.message;
  if (issue.code === 'unrecognized_keys') return 'has a member that is not known';
  const type = declaration(key)?.type;
  return type === undefined ? 'is not valid' : `expects ${describeType(typeAt(type, inner))}`;
}

function hasPath(value: unknown, path: readonly PropertyKey[]): boolean {
  const [head, ...rest] = path;
  if (head === undefined) return value !== undefined;
  if (Array.isArray(value)) return true;
  return isPlainObject(value) && Object.hasOwn(value, head) && hasPath(value[String(head)], rest);
}

/** Where a person may set a key, in one phrase. */
export function howToSet(key: string): string {
  const declared = declaration(key);
  const places = variablesOf(key, declared ?? {});
  if (declared?.visibility === 'public') return `set ${places.join(' or ')}`;
  return `put it into the file ${key.toLowerCase()} in SECRETS_DIR, or set ${places.join(' or ')}`;
}
