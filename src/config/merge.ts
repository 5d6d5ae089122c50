import type { Contribution } from './model.ts';
import { isPlainObject } from './plain.ts';
import { declaration } from './schema.ts';
import { kindOf } from './value-type.ts';

/** Lay a higher value over a lower one: objects key by key, everything else whole. */
export function mergeValues(key: string, lower: unknown, higher: unknown): unknown {
  const type = declaration(key)?.type;
  return type !== undefined && kindOf(type) === 'object' ? mergeDeep(lower, higher) : higher;
}

/** What the layers say about one key, lowest first, as one value. */
export function mergeSaid(said: readonly Contribution[]): unknown {
  return said.reduce<unknown>((lower, { key, value }) => mergeValues(key, lower, value), undefined);
}

function mergeDeep(lower: unknown, higher: unknown): unknown {
  if (!isPlainObject(lower) || !isPlainObject(higher)) return higher;
  const members = Object.entries(higher).map(([name, value]) => [
    name,
    mergeDeep(lower[name], value),
  ]);
  return { ...lower, ...Object.fromEntries(members) };
}
