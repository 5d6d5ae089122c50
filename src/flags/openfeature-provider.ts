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

/** What the store has to say; without `found` the caller's own default is the answer. */
interface Outcome {
  readonly found?: { readonly on: boolean; readonly variant: string };
  readonly details: Omit<ResolutionDetails<never>, 'value'>;
}

/**
 * The flag store as an OpenFeature provider; `targetingKey` is the subject. On, off and rollouts
 * are booleans; variants are strings, or numbers where all of their names are.
 * https://openfeature.dev/specification/sections/providers
 */
export function openFeatureProvider(flags: FlagStore): Provider {
  const events = new OpenFeatureEventEmitter();
  let ends: (() => void)[] = [];
  return {
    metadata: { name: 'strata' },
    runsOn: 'server',
    events,
    async initialize() {
      const timer = setInterval(watchSources(flags, events), STALE_CHECK_MS).unref();
      const endChanges = flags.onChange((name) =>
        events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [name] }),
      );
      ends = [endChanges, () => clearInterval(timer)];
    },
    async onClose() {
      for (const end of ends) end();
    },
    async resolveBooleanEvaluation(key, fallback, context) {
      const { found, details } = await look(flags, key, context, 'boolean');
      return { ...details, value: found?.on ?? fallback };
    },
    async resolveStringEvaluation(key, fallback, context) {
      const { found, details } = await look(flags, key, context, 'string');
      return { ...details, value: found?.variant ?? fallback };
    },
    async resolveNumberEvaluation(key, fallback, context) {
      const { found, details } = await look(flags, key, context, 'number');
      return { ...details, value: found === undefined ? fallback : Number(found.variant) };
    },
    async resolveObjectEvaluation(key, fallback, context) {
      const { details } = await look(flags, key, context, 'object');
      return { ...details, value: fallback };
    },
  };
}

async function look(
  flags: FlagStore,
  key: string,
  { targetingKey }: EvaluationContext,
  kind: Kind,
): Promise<Outcome> {
  if (!isFlagName(key)) return failed(ErrorCode.FLAG_NOT_FOUND, 'no such flag is declared');
  if (targetingKey !== undefined && typeof targetingKey !== 'string') {
    return failed(ErrorCode.INVALID_CONTEXT, 'the targeting key is not a string');
  }
  const said = await flags.evaluate(key, targetingKey);
  const { value, on } = said;
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
  const { owner, kind: flagKind } = FLAGS[key];
  const expires = expiryOf(FLAGS[key]) ?? 'never';
  const flagMetadata = { owner, kind: flagKind, source: said.source, expires };
  if (!fits) return { details: { reason: Reasons.DISABLED, flagMetadata } };
  const isForAll = names.length === 1 && targetingKey === undefined;
  const picked = said.variant ?? (isForAll ? names[0] : undefined);
  const variant = kind === 'boolean' ? (on ? 'on' : 'off') : picked;
  if (variant === undefined) return { details: { reason: Reasons.DEFAULT, flagMetadata } };
  const reason = reasonOf(said, names);
  return { found: { on, variant }, details: { reason, variant, flagMetadata } };
}

function failed(errorCode: ErrorCode, errorMessage: string): Outcome {
  return { details: { reason: Reasons.ERROR, errorCode, errorMessage } };
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

/** Tells when a place that flags come from is lost, and when all are there again. */
function watchSources(flags: FlagStore, events: OpenFeatureEventEmitter): () => void {
  let isStale = false;
  return () => {
    const lost = flags.sources().find(({ status }) => status === 'stale');
    if ((lost !== undefined) === isStale) return;
    isStale = lost !== undefined;
    if (lost === undefined) events.emit(ProviderEvents.Ready);
    else events.emit(ProviderEvents.Stale, { message: `${lost.source} does not answer` });
  };
}
