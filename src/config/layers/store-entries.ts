import type { Contribution } from '../model.ts';
import { isForbiddenName, type PlainObject } from '../plain.ts';
import { declaration } from '../schema.ts';
import { type Entry, readEntries } from './entries.ts';
import type { StoreKind } from './stores.ts';

/** Read what a store holds. Others may keep something there, too: their names set nothing. */
export function readShared(layer: StoreKind['layer'], store: string, entries: readonly Entry[]) {
  const unknown: Contribution[] = [];
  const known: Entry[] = [];
  for (const entry of entries) {
    const key = entry.path[0]?.toUpperCase() ?? '';
    // A name that is no identifier may be a value in the wrong place.
    const isName = entry.path.every((segment) => /^\w{1,64}$/.test(segment));
    const isOurs = declaration(key) !== undefined || entry.path.some(isForbiddenName);
    if (isName && isOurs) known.push(entry);
    else unknown.push({ layer, source: isName ? entry.source : store, key, value: undefined });
  }
  const { contributions, problems } = readEntries(layer, known);
  return { contributions: [...unknown, ...contributions], problems };
}

/** The members of one JSON secret as entries. */
export function membersAsEntries(members: PlainObject, source: string, changedAt?: number) {
  return Object.entries(members).map(([name, value]): Entry => {
    return { path: pathOf(name), source: `${source}#${name}`, value, changedAt };
  });
}

/** The path that a name in a store is short for: `RATE_LIMIT__MAX` reaches inside. */
export function pathOf(name: string): string[] {
  return isForbiddenName(name) ? [name] : name.split('__');
}
