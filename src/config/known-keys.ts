import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { nearest } from './did-you-mean.ts';
import { isShared } from './layers.ts';
import { mergeSaid } from './merge.ts';
import { type Contribution, type EnvironmentName, isProtected, type Problem } from './model.ts';
import { isPlainObject } from './plain.ts';
import { declaration, KEYS } from './schema.ts';
import { kindOf, membersOf } from './value-type.ts';
import { variablesOf } from './variables.ts';

/**
 * Keep what sets a declared key, and report the rest: names that are not known, keys that a layer
 * may not set, and ENV, which is derived.
 */
export function keepKnownKeys(said: readonly Contribution[], environment: EnvironmentName) {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const known: Contribution[] = [];
  const ignored = mergeSaid(said.filter(({ key }) => key === 'APP_IGNORE'));
  for (const one of said) {
    const { key, layer, source: origin } = one;
    const reports = isProtected(environment) && !isShared(layer) ? problems : warnings;
    const declared = declaration(key);
    if (declared === undefined) {
      if (!isIgnored(one, ignored)) reports.push(unknownKey(one));
    } else if (key === 'ENV') {
      const remedy = 'take it out and set APP_ENV to choose the environment';
      problems.push({ key, reason: 'is derived and cannot be set', origin, remedy });
    } else if (declared.notFrom?.includes(layer)) {
      const reason = 'cannot be set here, since it decides where this source is found';
      const remedy = `set it in instance/, as ${key} or as APP_${key}`;
      problems.push({ key, reason, origin, remedy });
    } else {
      const value = withoutUnknown(declared.type, one.value);
      if (value !== undefined) known.push({ ...one, value });
      if (isDeepStrictEqual(value, one.value)) continue;
      // The member's own name is not shown: it may be a value in the wrong place.
      const remedy = `it takes ${listMembers(declared.type).join(', ')}`;
      reports.push({ key, reason: 'has a member that is not known', origin, remedy });
    }
  }
  return { known: Map.groupBy(known, ({ key }) => key), problems, warnings };
}

// APP_IGNORE lists names without their prefix.
function isIgnored({ layer, source }: Contribution, ignored: unknown): boolean {
  const name = source.replace(/^\.?env APP_/, '').toUpperCase();
  const names = Array.isArray(ignored) ? ignored.map((entry) => String(entry).toUpperCase()) : [];
  return layer === 'app-env' && names.includes(name);
}

function unknownKey({ key, layer, source }: Contribution): Problem {
  const isVariable = layer === 'app-env';
  const near = nearest(key, Object.keys(KEYS));
  const meant = near !== undefined && isVariable ? variablesOf(near, {})[0] : near;
  const otherwise = isVariable
    ? 'unset it, or list it in APP_IGNORE'
    : 'take it out, or declare it in src/config/keys/';
  return {
    // A name that is no identifier may be a value in the wrong place.
    key: /^[A-Za-z_]\w{0,63}$/.test(key) ? key : '(a name that is not shown)',
    reason: 'is not a known key',
    origin: source,
    remedy: meant === undefined ? otherwise : `did you mean ${meant}?`,
  };
}

// Other types are strict themselves, or take any name. What holds nothing else says nothing.
function withoutUnknown(type: z.ZodType, value: unknown): unknown {
  if (kindOf(type) !== 'object' || !isPlainObject(value)) return value;
  const kept = [...membersOf(type)]
    .filter(([name]) => Object.hasOwn(value, name))
    .map(([name, member]) => [name, withoutUnknown(member, value[name])] as const)
    .filter(([name, member]) => member !== undefined || value[name] === undefined);
  const isNothing = kept.length === 0 && Object.keys(value).length > 0;
  return isNothing ? undefined : Object.fromEntries(kept);
}

function listMembers(type: z.ZodType): string[] {
  return [...membersOf(type)].flatMap(([name, member]) => {
    const inner = listMembers(member);
    return inner.length === 0 ? name : inner.map((one) => `${name}.${one}`);
  });
}
