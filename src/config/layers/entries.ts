import { cast, copyTyped } from '../cast.ts';
import type { Contribution, LayerName, Problem } from '../model.ts';
import { isForbiddenName, isPlainObject } from '../plain.ts';
import { settingsSchema } from '../schema.ts';
import { describeType, kindOf, membersOf, typesAlong } from '../value-type.ts';

/** What a place holds for a key, or with a longer path for a member inside one. */
export interface Entry {
  readonly path: readonly string[];
  readonly source: string;
  /** Text is cast by the key's type; anything else must have it already. */
  readonly value: unknown;
  /** When the place itself last changed it, in ms since the epoch. */
  readonly changedAt?: number | undefined;
}

type Refusal = { readonly fault: string } & Partial<Problem>;

/**
 * Read what one layer holds. Longer paths come later, so that they win over the object they reach
 * into, whatever order the entries had. Empty text means unset.
 */
export function readEntries(layer: LayerName, entries: readonly Entry[]) {
  const contributions: Contribution[] = [];
  const problems: Problem[] = [];
  const placed: Entry[] = [];
  const shortestFirst = entries
    .map((entry) => ({ ...entry, path: canonicalPath(entry.path) }))
    .filter(({ path, value }) => value !== '' || takesEmptyText(path))
    .sort((one, other) => (one.source < other.source ? -1 : 1))
    .sort((one, other) => one.path.length - other.path.length);
  for (const entry of shortestFirst) {
    const { path, source, changedAt } = entry;
    const read = refuseName(layer, entry) ?? refuseRival(placed, entry) ?? castAt(entry);
    if ('fault' in read) {
      const { fault: reason, ...known } = read;
      const usual = { key: path.join('.'), origin: source, remedy: `correct ${source}` };
      problems.push({ ...usual, reason, ...known });
      continue;
    }
    // What sets nothing stands in nobody's way; its name is reported with the unknown ones.
    if (read.value !== undefined) placed.push({ ...entry, ...read });
    const [key = '', ...inner] = path;
    const value = inner.reduceRight<unknown>((member, name) => ({ [name]: member }), read.value);
    contributions.push({ layer, source, key, value, changedAt });
  }
  return { contributions, problems };
}

// Names match without regard to case; a name that is not known stays in upper case.
function canonicalPath(path: readonly string[]): string[] {
  let members = membersOf(settingsSchema);
  return path.map((segment) => {
    const wanted = segment.toUpperCase();
    const [name, type] = [...members].find(([one]) => one.toUpperCase() === wanted) ?? [wanted];
    members = type === undefined ? new Map() : membersOf(type);
    return name;
  });
}

function takesEmptyText(path: readonly string[]): boolean {
  const [type] = typesAlong(settingsSchema, path).slice(path.length);
  return type !== undefined && kindOf(type) === 'string' && type.safeParse('').success;
}

function refuseName(layer: LayerName, { path, source }: Entry): Refusal | undefined {
  const named = path.filter((segment) => segment !== '');
  const key = named[0] ?? source;
  if (path.some(isForbiddenName)) {
    const fault = 'reaches for __proto__, constructor or prototype';
    return { key, fault, remedy: `unset ${source}` };
  }
  if (named.length === path.length) return undefined;
  const meant = `${layer === 'app-env' ? 'APP_' : ''}${named.join('__')}`;
  const remedy = named.length === 0 ? `take ${source} away` : `did you mean ${meant}?`;
  return { key, fault: 'has an empty part in its name', remedy };
}

// One path twice, or a path into something that an earlier entry made a scalar.
function refuseRival(placed: readonly Entry[], { path, source }: Entry): Refusal | undefined {
  const rival = placed.find(
    (earlier) =>
      earlier.path.every((segment, index) => segment === path[index]) &&
      (earlier.path.length === path.length ||
        isBlocked(earlier.value, path.slice(earlier.path.length))),
  );
  if (rival === undefined) return undefined;
  const fault =
    rival.path.length === path.length
      ? `is set twice, by ${rival.source} and ${source}`
      : `is both a value, by ${rival.source}, and an object, by ${source}`;
  return { fault, remedy: 'keep one of them' };
}

function isBlocked(value: unknown, [head, ...rest]: readonly string[]): boolean {
  if (value === undefined || head === undefined) return false;
  if (!isPlainObject(value)) return true;
  return Object.hasOwn(value, head) && isBlocked(value[head], rest);
}

function castAt({ path, value }: Entry): { readonly value: unknown } | Refusal {
  const types = typesAlong(settingsSchema, path);
  const type = types.at(-1) ?? types[0];
  if (types.length > path.length) {
    return typeof value === 'string' ? cast(type, value) : copyTyped(value);
  }
  // A name that is not known sets nothing, and is reported with the others of its kind.
  if (kindOf(type) === 'object') return { value: undefined };
  return { fault: `has no members to reach into: it takes ${describeType(type)}` };
}
