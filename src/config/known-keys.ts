import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { nearest } from './did-you-mean.ts';
import type { Key } from './key.ts';
import { LAYERS } from './layers.ts';
import { type Contribution, type EnvironmentName, isProtected, type Problem } from './model.ts';
import { isPlainObject } from './plain.ts';
import { declaration, KEYS } from './schema.ts';
import { kindOf, membersOf } from './value-type.ts';
import { variablesOf } from './variables.ts';

type Fault = Pick<Problem, 'reason' | 'remedy'> & Partial<Problem>;

/**
 * Keep what sets a declared key, and report the rest: names that are not known, keys that a layer
 * may not set, and ENV, which is derived. `ignored` are `APP_*` names without their prefix.
 */
export function keepKnownKeys(
  contributions: readonly Contribution[],
  environment: EnvironmentName,
  ignored: unknown,
) {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const known: Contribution[] = [];
  for (const said of contributions) {
    const { key, source: origin } = said;
    const isFault = isProtected(environment) && !isShared(said);
    const report = (fault: Fault) =>
      (isFault ? problems : warnings).push({ key, origin, ...fault });
    const declared = declaration(key);
    if (declared === undefined) {
      if (!isIgnored(said, ignored)) report(unknownKey(said));
      continue;
    }
    const refusal = refuse(said, declared);
    if (refusal !== undefined) {
      problems.push({ key, origin, ...refusal });
      continue;
    }
    const value = withoutUnknown(declared.type, said.value);
    // The member's own name is not shown: it may be a value in the wrong place.
    if (!isDeepStrictEqual(value, said.value)) {
      const remedy = `it takes ${listMembers(declared.type).join(', ')}`;
      report({ reason: 'has a member that is not known', remedy });
    }
    known.push({ ...said, value });
  }
  return { known: Map.groupBy(known, ({ key }) => key), problems, warnings };
}

function isShared({ layer }: Contribution): boolean {
  return LAYERS.some(({ name, stage }) => name === layer && stage !== 'local');
}

function isIgnored({ layer, source }: Contribution, ignored: unknown): boolean {
  const name = source.replace(/^\.?env APP_/, '').toUpperCase();
  return (
    layer === 'app-env' &&
    Array.isArray(ignored) &&
    ignored.some((entry) => String(entry).toUpperCase() === name)
  );
}

function refuse({ key, layer }: Contribution, { notFrom }: Key): Fault | undefined {
  if (key === 'ENV') {
    const remedy = 'take it out and set APP_ENV to choose the environment';
    return { reason: 'is derived and cannot be set', remedy };
  }
  if (!notFrom?.includes(layer)) return undefined;
  const reason = 'cannot be set here, since it decides where this source is found';
  return { reason, remedy: `set it in instance/, as ${key} or as APP_${key}` };
}

function unknownKey({ key, layer }: Contribution): Fault {
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
    remedy: meant === undefined ? otherwise : `did you mean ${meant}?`,
  };
}

// Other types are strict themselves, or take any name.
function withoutUnknown(type: z.ZodType, value: unknown): unknown {
  if (kindOf(type) !== 'object' || !isPlainObject(value)) return value;
  const kept = [...membersOf(type)]
    .filter(([name]) => Object.hasOwn(value, name))
    .map(([name, member]) => [name, withoutUnknown(member, value[name])]);
  return Object.fromEntries(kept);
}

function listMembers(type: z.ZodType): string[] {
  return [...membersOf(type)].flatMap(([name, member]) => {
    const inner = listMembers(member);
    return inner.length === 0 ? name : inner.map((one) => `${name}.${one}`);
  });
}
