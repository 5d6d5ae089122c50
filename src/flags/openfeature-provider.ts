import {
  ErrorCode,
  type EvaluationContext,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  StandardResolutionReasons as Reasons,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import { expiryOf, FLAGS, isFlagName } from '../config/keys/flags.ts';
import type { FlagStore } from './store.ts';
import type { FlagExplanation } from './view.ts';

const STALE_CHECK_MS = 1_000;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

type Kind = 'boolean' | 'string' | 'number' | 'object';

/** What the store has to say; without a variant the caller's own default is the answer. */
type Details = Omit<ResolutionDetails<never>, 'value'>;

/**
 * The flag store as an OpenFeature provider; `targetingKey` is the subject. On, off and rollouts
 * are booleans; variants are strings, or numbers where all of their names are.
 * https://openfeature.dev/specification/sections/providers
 */
export function openFeatureProvider(flags: FlagStore): Provider {
  const events = new OpenFeatureEventEmitter();
  const resolver =
    <T>(kind: Kind, read: (variant: string) => T) =>
    async (key: string, fallback: T, context: EvaluationContext): Promise<ResolutionDetails<T>> => {
      const details = await look(flags, key, context, kind);
      const { variant } = details;
      return { ...details, value: variant === undefined ? fallback : read(variant) };
    };
  let isStale = false;
  const watchSources = () => {
    const lost = flags.sources().find(({ status }) => status === 'stale');
    if ((lost !== undefined) === isStale) return;
    isStale = lost !== undefined;
    if (lost === undefined) events.emit(ProviderEvents.Ready);
    else events.emit(ProviderEvents.Stale, { message: `${lost.source} does not answer` });
  };
  let end = () => {};
  return {
    metadata: { name: 'strata' },
    runsOn: 'server',
    events,
    async initialize() {
      const timer = setInterval(watchSources, STALE_CHECK_MS).unref();
      const endChanges = flags.onChange((name) =>
        events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [name] }),
      );
      end = () => {
        clearInterval(timer);
        endChanges();
      };
    },
    onClose: async () => end(),
    resolveBooleanEvaluation: resolver('boolean', (variant) => variant === 'on'),
    resolveStringEvaluation: resolver('string', String),
    resolveNumberEvaluation: resolver('number', Number),
    async resolveObjectEvaluation(key, fallback, context) {
      return { ...(await look(flags, key, context, 'object')), value: fallback };
    },
  };
}

async function look(
  flags: FlagStore,
  key: string,
  { targetingKey }: EvaluationContext,
  kind: Kind,
): Promise<Details> {
  if (!isFlagName(key)) return failed(ErrorCode.FLAG_NOT_FOUND, 'no such flag is declared');
  if (targetingKey !== undefined && typeof targetingKey !== 'string') {
    return failed(ErrorCode.INVALID_CONTEXT, 'the targeting key is not a string');
  }
  const said = await flags.evaluate(key, targetingKey);
  const { value, on, source } = said;
  const names = variantNames(said);
  const held = heldKind(names);
  // A vendor's own flag may be on or off, and have a variant besides.
  const fits = kind === held || (kind === 'boolean' && typeof value === 'boolean');
  if (!fits && value !== false) {
    return failed(ErrorCode.TYPE_MISMATCH, `the flag holds a ${held}`);
  }
  const draws = typeof value === 'object' && (value.rollout !== undefined || names.length > 1);
  if (draws && targetingKey === undefined) {
    return failed(ErrorCode.TARGETING_KEY_MISSING, 'the flag differs from subject to subject');
  }
  const { owner, kind: life } = FLAGS[key];
  const flagMetadata = { owner, kind: life, source, expires: expiryOf(FLAGS[key]) ?? 'never' };
  if (!fits) return { reason: Reasons.DISABLED, flagMetadata };
  const isForAll = names.length === 1 && targetingKey === undefined;
  const picked = said.variant ?? (isForAll ? names[0] : undefined);
  const variant = kind === 'boolean' ? (on ? 'on' : 'off') : picked;
  if (variant === undefined) return { reason: Reasons.DEFAULT, flagMetadata };
  return { reason: reasonOf(said, names), variant, flagMetadata };
}

function failed(errorCode: ErrorCode, errorMessage: string): Details {
  return { reason: Reasons.ERROR, errorCode, errorMessage };
}

/** The variants that a subject can get. */
function variantNames({ value, variant }: FlagExplanation): string[] {
  if (typeof value === 'boolean') return variant === undefined ? [] : [variant];
  const weights = Object.entries(value.variants ?? {});
  return weights.flatMap(([name, weight]) => (weight > 0 ? [name] : []));
}

function heldKind(names: readonly string[]): Kind {
  if (names.length === 0) return 'boolean';
  return names.every((name) => NUMBER.test(name)) ? 'number' : 'string';
}

function reasonOf({ value, reason, bucket }: FlagExplanation, names: readonly string[]): string {
  if (reason === 'vendor') return Reasons.UNKNOWN;
  if (reason === 'allow list' || reason === 'deny list') return Reasons.TARGETING_MATCH;
  if (bucket !== undefined || names.length > 1) return Reasons.SPLIT;
  const hasLists = typeof value === 'object' && (value.allow ?? value.deny) !== undefined;
  return hasLists ? Reasons.DEFAULT : Reasons.STATIC;
}
