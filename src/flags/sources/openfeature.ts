import {
  ErrorCode,
  type EvaluationContext,
  type JsonValue,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import type { AppConfig } from '../../config/app-config.ts';
import { FLAG_NAMES, type FlagName, type FlagValue, flagValue } from '../../config/keys/flags.ts';
import type { FlagVendor, Vended } from '../vendor.ts';
import { createFeed, inTime, textOf } from './feed.ts';
import { vendorNames } from './names.ts';

const READ_PATIENCE_MS = 5_000;
const NO_FLAG_VALUE = 'the vendor holds what is no value of a flag';
const SILENT = { error() {}, warn() {}, info() {}, debug() {} };

/**
 * Keep what an OpenFeature provider says about the declared flags to the service itself: read at
 * the start, when it tells of a change, and every FLAGS_VENDOR_REFRESH_SECONDS.
 * Resolves with the first reading, or after 2 s without one: it is then waited for meanwhile.
 */
export async function openProvider(
  config: AppConfig,
  provider: Provider,
  source: string,
): Promise<FlagVendor> {
  const feed = createFeed(source);
  const contextOf = (subject = config.get('APP_NAME')): EvaluationContext => ({
    targetingKey: subject,
    environment: config.get('ENV'),
  });
  // What the provider itself last said of its connection.
  let trouble: string | undefined;
  let asked = 0;
  let heard = 0;
  const read = async () => {
    asked += 1;
    const turn = asked;
    const result = await inTime(readFlags(provider, contextOf(), feed.values()), READ_PATIENCE_MS);
    // A slow answer must not undo what a later question found.
    if (turn < heard) return;
    heard = turn;
    const doubt = trouble ?? (result === undefined ? 'does not answer' : result.fault);
    feed.confirm(doubt && config.redact(doubt));
    if (result !== undefined) feed.replace(result.values);
  };
  let planned: NodeJS.Immediate | undefined;
  // A provider may tell of each flag by itself; one reading serves them all.
  const readSoon = () => {
    clearImmediate(planned);
    planned = setImmediate(read);
  };
  const fail = (event?: { message?: string }) => {
    trouble = event?.message ?? 'lost its connection';
    feed.confirm(config.redact(trouble));
  };
  provider.events?.addHandler(ProviderEvents.ConfigurationChanged, readSoon);
  provider.events?.addHandler(ProviderEvents.Stale, fail);
  provider.events?.addHandler(ProviderEvents.Error, fail);
  provider.events?.addHandler(ProviderEvents.Ready, () => {
    trouble = undefined;
    readSoon();
  });

  // What fails here shows in what the reading gets.
  const start = Promise.try(() => provider.initialize?.(contextOf())).catch(() => undefined);
  await inTime(start.then(read));
  const timer = setInterval(read, config.get('FLAGS_VENDOR_REFRESH_SECONDS') * 1000).unref();
  return Object.assign(feed, {
    async evaluate(name: FlagName, subject?: string) {
      const answer = await inTime(ask(provider, name, contextOf(subject)).catch(() => undefined));
      const { value, reason = 'UNKNOWN' } = answer ?? {};
      if (typeof value === 'boolean') return { on: value, reason };
      return typeof value === 'string' ? { on: true, variant: value, reason } : undefined;
    },
    async close() {
      heard = Number.POSITIVE_INFINITY;
      clearInterval(timer);
      clearImmediate(planned);
      await inTime(Promise.try(() => provider.onClose?.()).catch(() => undefined));
    },
  });
}

// Where a question fails, the flag keeps the value that it had.
async function readFlags(
  provider: Provider,
  context: EvaluationContext,
  before: ReadonlyMap<FlagName, Vended>,
) {
  const values = new Map(before);
  let fault: string | undefined;
  const reading = FLAG_NAMES.map(async (name) => {
    try {
      const answer = await ask(provider, name, context);
      if (answer === undefined) values.delete(name);
      else values.set(name, { value: toFlagValue(answer.value) });
    } catch (error) {
      fault = `${name}: ${textOf(error)}`;
    }
  });
  await Promise.all(reading);
  return { values, fault };
}

async function ask(provider: Provider, name: FlagName, context: EvaluationContext) {
  for (const key of vendorNames(name)) {
    const answer = await resolve(provider, key, context);
    if (answer !== undefined) return answer.reason === 'DISABLED' ? undefined : answer;
  }
  return undefined;
}

// The kind of a flag at the vendor is not known: it is asked for as each until one fits.
async function resolve(provider: Provider, key: string, context: EvaluationContext) {
  const kinds = [
    () => provider.resolveBooleanEvaluation(key, false, context, SILENT),
    () => provider.resolveStringEvaluation(key, '', context, SILENT),
    () => provider.resolveObjectEvaluation<JsonValue>(key, {}, context, SILENT),
  ];
  for (const question of kinds) {
    const answer: ResolutionDetails<JsonValue> = await Promise.try(question).catch(asAnswer);
    const { errorCode, errorMessage } = answer;
    if (errorCode === undefined) return answer;
    if (errorCode === ErrorCode.FLAG_NOT_FOUND) return undefined;
    if (errorCode !== ErrorCode.TYPE_MISMATCH) throw new Error(errorMessage ?? errorCode);
  }
  throw new Error(NO_FLAG_VALUE);
}

// Providers may throw the specification's errors instead, from a copy of the SDK of their own.
function asAnswer(error: unknown): ResolutionDetails<JsonValue> {
  const thrown = error instanceof Error && 'code' in error ? error.code : undefined;
  const errorCode = Object.values(ErrorCode).find((code) => code === thrown) ?? ErrorCode.GENERAL;
  return { value: null, errorCode, errorMessage: textOf(error) };
}

/** A text is the name of the variant that everybody gets. @throws for what no flag can hold */
function toFlagValue(value: JsonValue): FlagValue {
  const meant = typeof value === 'string' ? { variants: { [value]: 100 } } : value;
  const parsed = flagValue.safeParse(meant);
  if (!parsed.success) throw new Error(NO_FLAG_VALUE);
  return parsed.data;
}
