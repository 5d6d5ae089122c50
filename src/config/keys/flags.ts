import { z } from 'zod';
import type { DeepReadonly, Key } from '../key.ts';

const percent = z.number().min(0).max(100);

/** On, off, on for a share of the subjects, or one of several variants by weight. */
export const flagValue = z.union([
  z.boolean(),
  z.strictObject({ rollout: percent }),
  z.strictObject({ variants: z.record(z.string().min(1), percent) }),
]);

export type FlagValue = DeepReadonly<z.output<typeof flagValue>>;

interface FlagDeclaration {
  readonly description: string;
  readonly owner: string;
  readonly kind: 'release' | 'experiment' | 'ops' | 'kill-switch' | 'permission';
  /** The day (YYYY-MM-DD) after which a release or an experiment should be gone from the code. */
  readonly expires?: string;
  readonly default: z.output<typeof flagValue>;
}

/** The registry of feature flags: a flag that is not here does not exist. */
export const FLAGS = {
  FEATURE_SIGNUP_V2: {
    description: 'The new sign-up page.',
    owner: 'accounts',
    kind: 'release',
    expires: '2027-01-01',
    default: false,
  },
  FEATURE_NEW_CHECKOUT: {
    description: 'The one-page checkout.',
    owner: 'shop',
    kind: 'experiment',
    expires: '2027-01-01',
    default: false,
  },
} satisfies Record<`FEATURE_${string}`, FlagDeclaration>;

export type FlagName = keyof typeof FLAGS;

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

/** Every flag is a configuration key of one common shape. */
export const flagKeys = Object.fromEntries(
  Object.entries(FLAGS).map(([name, flag]) => [name, flagKey(flag)]),
) as Record<FlagName, ReturnType<typeof flagKey>>;

function flagKey(flag: FlagDeclaration) {
  return {
    type: flagValue,
    doc: flag.description,
    visibility: 'public',
    reload: 'live',
    bare: true,
  } as const satisfies Key;
}
