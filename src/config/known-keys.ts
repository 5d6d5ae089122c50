import type { z } from 'zod';
import { nearest } from './did-you-mean.ts';
import { LAYERS } from './layers.ts';
import {
  type Contribution,
  type EnvironmentName,
  isProtected,
  type LayerName,
  type Problem,
} from './model.ts';
import { isPlainObject, type PlainObject } from './plain.ts';
import { declaration, KEYS } from './schema.ts';
import { kindOf, membersOf } from './value-type.ts';

interface Sorted {
  readonly known: ReadonlyMap<string, readonly Contribution[]>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/**
 * Keep what sets a declared key, and report the rest: names that are not known, keys that a layer
 * may not set, and ENV, which is derived. `ignored` are `APP_*` names without their prefix.
 */
export function keepKnownKeys(
  contributions: readonly Contribution[],
  environment: EnvironmentName,
  ignored: readonly string[],
): Sorted {
  const known = new Map<string, Contribution[]>();
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const contribution of contributions) {
    const key = declaration(contribution.key);
    const report = isRefused(contribution.layer, environment) ? problems : warnings;
    if (key === undefined) {
      if (!isIgnored(contribution, ignored)) report.push(unknownKey(contribution));
      continue;
    }
    const refusal = refuse(contribution);
    if (refusal !== undefined) {
      problems.push(refusal);
      continue;
    }
    const { value, unknown } = prune(key.type, contribution.value);
    if (unknown > 0) report.push(unknownMember(contribution, key.type));
    const list = known.get(contribution.key) ?? [];
    known.set(contribution.key, [...list, { ...contribution, value }]);
  }
  return { known, problems, warnings };
}

function isRefused(layer: LayerName, environment: EnvironmentName): boolean {
  const strict = LAYERS.find(({ name }) => name === layer)?.unknownKeys === 'refused in production';
  return strict && isProtected(environment);
}

function isIgnored({ layer, source }: Contribution, ignored: readonly string[]): boolean {
  const name = source.replace(/^\.?env APP_/, '').toUpperCase();
  return layer === 'app-env' && ignored.some((entry) => entry.toUpperCase() === name);
}

function refuse({ key, layer, source }: Contribution): Problem | undefined {
  if (key === 'ENV') {
    const remedy = 'take it out and set APP_ENV to choose the environment';
    return { key, reason: 'is derived and cannot be set', origin: source, remedy };
  }
  if (!declaration(key)?.notFrom?.includes(layer)) return undefined;
  return {
    key,
    reason: 'cannot be set here, since it decides where this source is found',
    origin: source,
    remedy: `set it in instance/, as ${key} or as APP_${key}`,
  };
}

function unknownKey({ key, source, layer }: Contribution): Problem {
  const near = nearest(key, Object.keys(KEYS));
  const otherwise =
    layer === 'app-env'
      ? 'unset it, or list it in APP_IGNORE'
      : 'take it out, or declare it in src/config/keys/';
  return {
    // A name that is no identifier may be a value in the wrong place.
    key: /^[A-Za-z_]\w{0,63}$/.test(key) ? key : '(a name that is not shown)',
    reason: 'is not a known key',
    origin: source,
    remedy:
      near === undefined
        ? otherwise
        : `did you mean ${layer === 'app-env' ? variableFor(near) : near}?`,
  };
}

function variableFor(key: string): string {
  return key.startsWith('APP_') ? key : `APP_${key}`;
}

// The member's own name is not shown: it may be a value in the wrong place.
function unknownMember({ key, source }: Contribution, type: z.ZodType): Problem {
  return {
    key,
    reason: 'has a member that is not known',
    origin: source,
    remedy: `it takes ${listMembers(type).join(', ')}`,
  };
}

function listMembers(type: z.ZodType, path: readonly string[] = []): string[] {
  return [...membersOf(type)].flatMap(([name, member]) =>
    kindOf(member) === 'object'
      ? listMembers(member, [...path, name])
      : [[...path, name].join('.')],
  );
}

// Drop what an object type does not know, and count it.
function prune(type: z.ZodType, value: unknown): { value: unknown; unknown: number } {
  if (kindOf(type) !== 'object' || !isPlainObject(value)) return { value, unknown: 0 };
  const members = membersOf(type);
  const pruned: PlainObject = {};
  let unknown = 0;
  for (const [name, member] of Object.entries(value)) {
    const memberType = members.get(name);
    if (memberType === undefined) {
      unknown += 1;
      continue;
    }
    const inner = prune(memberType, member);
    pruned[name] = inner.value;
    unknown += inner.unknown;
  }
  return { value: pruned, unknown };
}
