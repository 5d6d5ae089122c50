import type { z } from 'zod';
import type { Contributions, Problem } from './model.ts';
import { isPlainObject, type PlainObject } from './plain.ts';
import { settingsSchema } from './schema.ts';
import { describeType, typesAlong } from './value-type.ts';
import { howToSet } from './variables.ts';

/** Check merged values against the one schema; every problem names the source to correct. */
export function validate(values: PlainObject, contributions: Contributions): Problem[] {
  // Compiling a parser costs more than the one run of it.
  const { error } = settingsSchema.safeParse(values, { jitless: true });
  const problems = (error?.issues ?? []).map((issue) => describe(issue, values, contributions));
  // One wrong value may break several rules of its type, which all read the same here.
  return [...new Map(problems.map((one) => [`${one.key} ${one.reason}`, one])).values()];
}

function describe(
  issue: z.core.$ZodIssue,
  values: PlainObject,
  contributions: Contributions,
): Problem {
  const [head, ...inner] = issue.path;
  const key = String(head);
  if (values[key] === undefined) return { key, reason: 'is not set', remedy: howToSet(key) };
  const types = typesAlong(settingsSchema, issue.path);
  const said = contributions.get(key) ?? [];
  const origin = (said.findLast(({ value }) => hasPath(value, inner)) ?? said.at(-1))?.source;
  return {
    // Names that a person chose freely, as those of variants, may be values in the wrong place.
    key: issue.path
      .slice(0, types.length - 1)
      .map((part) => (typeof part === 'number' ? part + 1 : String(part)))
      .join('.'),
    reason: describeReason(issue, types.at(-1) ?? types[0]),
    origin,
    remedy: `correct ${origin}`,
  };
}

// Only our own words: the schema's messages repeat values and names.
function describeReason(issue: z.core.$ZodIssue, type: z.ZodType): string {
  if (issue.code === 'custom' || issue.code === 'invalid_format') return issue.message;
  if (issue.code === 'unrecognized_keys') return 'has a member that is not known';
  return `expects ${describeType(type)}`;
}

function hasPath(value: unknown, [head, ...rest]: readonly PropertyKey[]): boolean {
  if (head === undefined) return value !== undefined;
  if (Array.isArray(value)) return true;
  return isPlainObject(value) && Object.hasOwn(value, head) && hasPath(value[String(head)], rest);
}
