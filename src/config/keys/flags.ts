import { z } from 'zod';
import type { DeepReadonly, Keys } from '../key.ts';
import { isForbiddenName } from '../plain.ts';
import { kindOfKey, positive } from './kinds.ts';

const percent = z.number().min(0).max(100);
const salt = z.string().min(1).max(64);
const subjects = z.array(z.string().min(1).max(256)).max(1_000);
const variantName = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'expects letters, digits, dots and dashes')
  .refine((name) => !isForbiddenName(name), 'is a name that cannot be used');
const weights = z
  .record(variantName, percent)
  .refine((all) => Object.values(all).some((weight) => weight > 0), 'needs a weight above 0');

/** On, off, on for a share of the subjects, for listed ones, or one of several variants by weight. */
export const flagValue = z.union([
  z.boolean(),
  z
    .strictObject({ rollout: percent, variants: weights, allow: subjects, deny: subjects, salt })
    .partial()
    .refine(
      ({ rollout, variants, allow }) => (rollout ?? variants ?? allow) !== undefined,
      'needs rollout, variants or allow',
    ),
]);

export type FlagValue = DeepReadonly<z.output<typeof flagValue>>;

export type FlagKind = 'release' | 'experiment' | 'ops' | 'kill-switch' | 'permission';

type Day = `${number}-${number}-${number}`;

export interface FlagDeclaration {
  readonly description: string;
  /** The team or person to ask. */
  readonly owner: string;
  readonly kind: FlagKind;
  /** The day (YYYY-MM-DD) on which it was added. */
  readonly created: Day;
  /** The last day (YYYY-MM-DD) of its life; without it the kind decides. */
  readonly expires?: Day;
  readonly default: z.output<typeof flagValue>;
}

/**
 * The registry of feature flags: a flag that is not here does not exist. These two are examples,
 * and live longer than yours should: no clone must begin with flags that have expired.
 */
export const FLAGS = {
  FEATURE_SIGNUP_V2: {
    description: 'The new sign-up page.',
    owner: 'accounts',
    kind: 'release',
    created: '2026-11-01',
    expires: '2036-01-01',
    default: false,
  },
  FEATURE_NEW_CHECKOUT: {
    description: 'The one-page checkout.',
    owner: 'shop',
    kind: 'experiment',
    created: '2026-11-01',
    expires: '2036-01-01',
    default: false,
  },
} satisfies Record<`FEATURE_${string}`, FlagDeclaration>;

export type FlagName = keyof typeof FLAGS;

export const FLAG_NAMES = Object.keys(FLAGS).filter(isFlagName);

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

/** Days that a flag may live. Kill switches and permissions stay for good. */
const LIFETIMES: Partial<Record<FlagKind, number>> = { release: 40, experiment: 40, ops: 7 };
const ONE_DAY_MS = 24 * 60 * 60 * 1000;

/** The last day (YYYY-MM-DD) of a flag's life; nothing for one that stays, or of a wrong day. */
export function expiryOf({ created, expires, kind }: FlagDeclaration): string | undefined {
  const days = LIFETIMES[kind];
  if (expires !== undefined || days === undefined) return expires;
  const end = Date.parse(created) + days * ONE_DAY_MS;
  return Number.isNaN(end) ? undefined : new Date(end).toISOString().slice(0, 10);
}

/** Whether a flag's last day (UTC) was before the day of `now` (ms since the epoch). */
export function isExpired(flag: FlagDeclaration, now: number): boolean {
  const expiry = expiryOf(flag);
  return expiry !== undefined && Date.parse(expiry) + ONE_DAY_MS <= now;
}

const live = kindOfKey({ visibility: 'public', reload: 'live', bare: true });
const fixed = kindOfKey({ visibility: 'public', reload: 'restart', bare: true });

/** Where overrides are kept, and how replicas hear of them. */
export const flagStoreKeys = {
  FLAGS_STORE: fixed(
    z.enum(['memory', 'database', 'redis']),
    'Where overrides of flags are kept; memory forgets them at a restart and knows one process only.',
  ),
  FLAGS_RECONCILE_SECONDS: live(
    positive.max(3_600),
    'How often overrides are loaded anew, should the news of a change have been lost.',
  ),
} satisfies Keys;

const flagKey = ({ description }: FlagDeclaration) => live(flagValue, description);

/** Every flag is a configuration key of one common shape. */
export const flagKeys = Object.fromEntries(
  Object.entries(FLAGS).map(([name, flag]) => [name, flagKey(flag)]),
) as Record<FlagName, ReturnType<typeof flagKey>>;
