import type { Contribution } from './model.ts';
import { isPlainObject, type PlainObject } from './plain.ts';
import { declaration } from './schema.ts';
import { kindOf } from './value-type.ts';

/** Lay a higher value over a lower one: objects key by key, everything else whole. */
export function mergeValues(key: string, lower: unknown, higher: unknown): unknown {
  const type = declaration(key)?.type;
  return type !== undefined && kindOf(type) === 'object' ? mergeDeep(lower, higher) : higher;
}

/** Merge what all layers say, lowest first, into one value per key. */
export function mergeContributions(
  contributions: ReadonlyMap<string, readonly Contribution[]>,
): PlainObject {
  const merged: PlainObject = {};
  for (const [key, layers] of contributions) {
    merged[key] = layers.reduce<unknown>(
      (value, layer) => mergeValues(key, value, layer.value),
      undefined,
    );
  }
  return merged;
}

function mergeDeep(lower: unknown, higher: unknown): unknown {
  if (!isPlainObject(lower) || !isPlainObject(higher)) return higher;
  const merged: PlainObject = { ...lower };
  for (const [name, value] of Object.entries(higher)) {
    merged[name] = mergeDeep(Object.hasOwn(lower, name) ? lower[name] : undefined, value);
  }
  return merged;
}
