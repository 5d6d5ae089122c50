import { z } from 'zod';

/** The kind of value a type takes, which decides how text is cast and values are merged. */
export function kindOf(type: z.ZodType) {
  return unwrap(type).def.type;
}

/** The choices of an enumeration, else nothing. */
export function choicesOf(type: z.ZodType): string[] {
  const inner = unwrap(type);
  return inner instanceof z.ZodEnum ? inner.options.map(String) : [];
}

/** An object type's members by name, else nothing. */
export function membersOf(type: z.ZodType): ReadonlyMap<string, z.ZodType> {
  const inner = unwrap(type);
  return new Map(inner instanceof z.ZodObject ? Object.entries(inner.shape) : []);
}

/** The types on a path, from `type` itself to the last one that is known. */
export function typesAlong(
  type: z.ZodType,
  [head, ...rest]: readonly PropertyKey[],
): [z.ZodType, ...z.ZodType[]] {
  const inner = unwrap(type);
  const isItem = inner instanceof z.ZodArray && typeof head === 'number';
  const next = isItem ? (inner.element as z.ZodType) : membersOf(inner).get(String(head));
  return next === undefined ? [type] : [type, ...typesAlong(next, rest)];
}

/** What a type takes, in the words of messages and docs. */
export function describeType(type: z.ZodType): string {
  const inner = unwrap(type);
  if (inner instanceof z.ZodNumber) return describeNumber(inner);
  if (inner instanceof z.ZodBoolean) return 'true or false';
  if (inner instanceof z.ZodEnum) return `one of ${inner.options.join(', ')}`;
  if (inner instanceof z.ZodArray)
    return `a JSON list; each item ${describeType(inner.element as z.ZodType)}`;
  if (inner instanceof z.ZodObject)
    return `a JSON object with ${Object.keys(inner.shape).join(', ')}`;
  if (inner instanceof z.ZodUnion)
    return 'true, false or a JSON object with rollout (0-100), variants ({"name": weight}), allow, deny, salt';
  return inner.safeParse('').success ? 'text' : 'text, not empty';
}

function describeNumber({ format, minValue, maxValue }: z.ZodNumber): string {
  const noun = format === 'safeint' ? 'a whole number' : 'a number';
  const least = minValue !== null && minValue > Number.MIN_SAFE_INTEGER;
  const most = maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER;
  if (least && most) return `${noun} from ${minValue} to ${maxValue}`;
  return least ? `${noun} from ${minValue} up` : noun;
}

function unwrap(type: z.ZodType): z.ZodType {
  return type instanceof z.ZodOptional ? unwrap(type.unwrap() as z.ZodType) : type;
}
