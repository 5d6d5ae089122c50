import { z } from 'zod';

type Kind = 'text' | 'number' | 'boolean' | 'choice' | 'list' | 'object' | 'flag';

/** The kind of value a schema takes, which decides how text is cast and values are merged. */
export function kindOf(type: z.ZodType): Kind {
  const inner = unwrap(type);
  if (inner instanceof z.ZodNumber) return 'number';
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodEnum) return 'choice';
  if (inner instanceof z.ZodArray) return 'list';
  if (inner instanceof z.ZodObject) return 'object';
  if (inner instanceof z.ZodUnion) return 'flag';
  return 'text';
}

/** The choices of an enumeration, else nothing. */
export function choicesOf(type: z.ZodType): readonly string[] {
  const inner = unwrap(type);
  return inner instanceof z.ZodEnum ? inner.options.map(String) : [];
}

/** An object type's members by name, else nothing. */
export function membersOf(type: z.ZodType): ReadonlyMap<string, z.ZodType> {
  const inner = unwrap(type);
  return new Map(inner instanceof z.ZodObject ? Object.entries(inner.shape) : []);
}

/** The type that a path leads to, or the last one that is known on the way. */
export function typeAt(type: z.ZodType, path: readonly PropertyKey[]): z.ZodType {
  const inner = unwrap(type);
  const [head, ...rest] = path;
  if (head === undefined) return inner;
  if (inner instanceof z.ZodArray) return typeAt(inner.element as z.ZodType, rest);
  const member = membersOf(inner).get(String(head));
  return member === undefined ? inner : typeAt(member, rest);
}

/** What a type takes, in the words of messages and docs. */
export function describeType(type: z.ZodType): string {
  const inner = unwrap(type);
  switch (kindOf(inner)) {
    case 'number':
      return describeNumber(inner as z.ZodNumber);
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${choicesOf(inner).join(', ')}`;
    case 'list':
      return `a JSON list; each item ${describeType((inner as z.ZodArray).element as z.ZodType)}`;
    case 'object':
      return `a JSON object with ${[...membersOf(inner).keys()].join(', ')}`;
    case 'flag':
      return 'true, false, {"rollout": 0-100} or {"variants": {"name": weight}}';
    case 'text':
      return inner.safeParse('').success ? 'text' : 'text, not empty';
  }
}

function describeNumber(type: z.ZodNumber): string {
  const noun = type.format === 'safeint' ? 'a whole number' : 'a number';
  const { minValue: low, maxValue: high } = type;
  const least = low !== null && low > Number.MIN_SAFE_INTEGER;
  const most = high !== null && high < Number.MAX_SAFE_INTEGER;
  if (least && most) return `${noun} from ${low} to ${high}`;
  return least ? `${noun} from ${low} up` : noun;
}

function unwrap(type: z.ZodType): z.ZodType {
  return type instanceof z.ZodOptional ? unwrap(type.unwrap() as z.ZodType) : type;
}
