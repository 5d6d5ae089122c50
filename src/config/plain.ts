const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const DEEPEST = 20;

export type PlainObject = Record<string, unknown>;

/** A name that reaches into an object's prototype: refused as a key at any depth. */
export function isForbiddenName(name: string): boolean {
  return FORBIDDEN.has(name.toLowerCase());
}

export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Thrown by `copyPlain`; its message never contains a value. */
export class NotPlainError extends Error {}

/**
 * Copy data that came from outside, so that nothing but plain lists, objects and scalars gets in.
 * @throws {NotPlainError} for forbidden names, class instances, functions, and data nested too deep
 */
export function copyPlain(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST) throw new NotPlainError('is nested too deep');
  if (Array.isArray(value)) return value.map((item) => copyPlain(item, depth + 1));
  if (isPlainObject(value)) {
    if (Object.keys(value).some(isForbiddenName)) {
      throw new NotPlainError('has a member named __proto__, constructor or prototype');
    }
    const members = Object.entries(value);
    return Object.fromEntries(members.map(([name, one]) => [name, copyPlain(one, depth + 1)]));
  }
  if (value === null || !['object', 'function', 'symbol', 'bigint'].includes(typeof value)) {
    return value;
  }
  throw new NotPlainError('holds something other than plain data');
}

/** Every text in a value, at any depth, but for the members of these names. */
export function textsIn(value: unknown, except: readonly string[] = []): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([name]) => !except.includes(name))
    .flatMap(([, member]) => textsIn(member, except));
}

/** Freeze data and everything in it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

/** What a JSON text holds; nothing where it is none, since the parser's error would quote it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
