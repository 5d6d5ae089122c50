import { cast, copyTyped } from '../cast.ts';
import type { Contribution, LayerName, Problem } from '../model.ts';
import { isForbiddenName, isPlainObject } from '../plain.ts';
import { declaration } from '../schema.ts';
import { describeType, kindOf, membersOf, typeAt } from '../value-type.ts';

interface Setting {
  readonly layer: LayerName;
  readonly path: readonly string[];
  readonly source: string;
  /** When the source itself last changed it, in ms since the epoch. */
  readonly changedAt?: number | undefined;
}

/** Text that sets a key, or with a longer path a member inside one. */
export interface TextSetting extends Setting {
  readonly text: string;
}

/** A value beside such texts that must have the key's type already. */
export interface TypedSetting extends Setting {
  readonly typed: unknown;
}

type AnySetting = TextSetting | TypedSetting;

interface Read {
  readonly contributions: Contribution[];
  readonly problems: Problem[];
}

/**
 * Cast the texts of one layer by their keys' types. Longer paths come later, so that they win over
 * the object they reach into, whatever order the texts had.
 */
export function readTextSettings(texts: readonly AnySetting[]): Read {
  const read: Read = { contributions: [], problems: [] };
  const settings = texts
    .map((setting) => ({ ...setting, path: canonicalPath(setting.path) }))
    .filter((setting) => isTyped(setting) || setting.text !== '' || allowsEmpty(setting.path))
    .filter((setting) => hasSoundPath(setting, read.problems))
    .sort((one, other) => one.path.length - other.path.length || compare(one.source, other.source));
  const placed: (Setting & { value: unknown })[] = [];
  for (const setting of settings) {
    const rival = placed.find((earlier) => collides(earlier, setting));
    if (rival !== undefined) {
      read.problems.push(collision(rival, setting));
      continue;
    }
    const result = castAt(setting);
    if ('fault' in result) {
      read.problems.push(fault(setting, result.fault, `correct ${setting.source}`));
      continue;
    }
    placed.push({ ...setting, value: result.value });
    const [key = '', ...inner] = setting.path;
    read.contributions.push({
      layer: setting.layer,
      source: setting.source,
      key,
      value: inner.reduceRight<unknown>((value, name) => ({ [name]: value }), result.value),
      ...(setting.changedAt === undefined ? {} : { changedAt: setting.changedAt }),
    });
  }
  return read;
}

function isTyped(setting: AnySetting): setting is TypedSetting {
  return 'typed' in setting;
}

function hasSoundPath(setting: Setting, problems: Problem[]): boolean {
  const key = setting.path.find((segment) => segment !== '') ?? setting.source;
  if (setting.path.some(isForbiddenName)) {
    const reason = 'reaches for __proto__, constructor or prototype';
    problems.push({ key, reason, origin: setting.source, remedy: `unset ${setting.source}` });
    return false;
  }
  if (!setting.path.includes('')) return true;
  const name = setting.path.filter((segment) => segment !== '').join('__');
  const remedy =
    name === '' ? `take ${setting.source} away` : `did you mean ${hint(setting, name)}?`;
  problems.push({ key, reason: 'has an empty part in its name', origin: setting.source, remedy });
  return false;
}

function hint({ layer }: Setting, name: string): string {
  return layer === 'app-env' ? `APP_${name.toUpperCase()}` : name;
}

// Names match without regard to case; a name that is not known stays in upper case.
function canonicalPath(path: readonly string[]): string[] {
  const [key = '', ...inner] = path.map((segment) => segment.toUpperCase());
  let type = declaration(key)?.type;
  return [
    key,
    ...inner.map((segment) => {
      const members = type === undefined ? new Map() : membersOf(type);
      const name = [...members.keys()].find((member) => member.toUpperCase() === segment);
      type = name === undefined ? undefined : members.get(name);
      return name ?? segment;
    }),
  ];
}

function allowsEmpty(path: readonly string[]): boolean {
  const type = typeOf(path);
  return type !== undefined && kindOf(type) === 'text' && type.safeParse('').success;
}

function typeOf([key = '', ...inner]: readonly string[]) {
  const type = declaration(key)?.type;
  return type === undefined ? undefined : typeAt(type, inner);
}

function castAt(setting: AnySetting): ReturnType<typeof cast> {
  const [key = '', ...inner] = setting.path;
  const type = declaration(key)?.type;
  if (type === undefined) return { value: undefined };
  const parent = typeAt(type, inner.slice(0, -1));
  if (inner.length > 0 && kindOf(parent) !== 'object') {
    return { fault: `has no members to reach into: it takes ${describeType(parent)}` };
  }
  // A member that is not known is reported with the other unknown keys.
  if (inner.length > 0 && !membersOf(parent).has(inner.at(-1) ?? '')) {
    return { value: undefined };
  }
  return isTyped(setting) ? copyTyped(setting.typed) : cast(typeAt(type, inner), setting.text);
}

// One path twice, or a path into something that an earlier setting made a scalar.
function collides(earlier: { path: readonly string[]; value: unknown }, setting: Setting) {
  if (!earlier.path.every((segment, index) => segment === setting.path[index])) return false;
  if (earlier.path.length === setting.path.length) return true;
  let value = earlier.value;
  for (const segment of setting.path.slice(earlier.path.length)) {
    if (value === undefined) return false;
    if (!isPlainObject(value)) return true;
    value = Object.hasOwn(value, segment) ? value[segment] : undefined;
  }
  return false;
}

function collision(earlier: Setting, setting: Setting): Problem {
  const same = earlier.path.length === setting.path.length;
  const reason = same
    ? `is set twice, by ${earlier.source} and ${setting.source}`
    : `is both a value, by ${earlier.source}, and an object, by ${setting.source}`;
  return fault(setting, reason, 'keep one of them');
}

function fault(setting: Setting, reason: string, remedy: string): Problem {
  return { key: setting.path.join('.'), reason, origin: setting.source, remedy };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1;
}
