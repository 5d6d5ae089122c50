import {
  ErrorCode,
  type EvaluationContext,
  type JsonValue,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import type { AppConfig } from '../../config/app-config.ts';
import { inTime } from '../../config/in-time.ts';
import { FLAG_NAMES, type FlagName, flagValue } from '../../config/keys/flags.ts';
import { createFeed, type FlagVendor, START_PATIENCE_MS, textOf, vendorNames } from './vendor.ts';

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
    const values = new Map(feed.values());
    let fault: string | undefined;
    const questions = FLAG_NAMES.map(async (name) => {
      try {
        const answer = await ask(provider, name, contextOf());
        if (answer === undefined) values.delete(name);
        else values.set(name, toFlagValue(answer.value));
      } catch (error) {
        // The flag keeps the value that it had.
        fault = `${name}: ${textOf(error)}`;
      }
    });
    const answers = await inTime(Promise.all(questions), READ_PATIENCE_MS).catch(() => undefined);
    // A slow answer must not undo what a later question found.
    if (turn < heard) return;
    heard = turn;
    const doubt = trouble ?? (answers === undefined ? 'does not answer' : fault);
    feed.confirm(doubt && config.redact(doubt));
    if (answers !== undefined) feed.replace(values);
  };
  let planned: NodeJS.Immediate | undefined;
  // A provider may tell of each flag by itself; one reading serves them all.
  const readSoon = () => {
    clearImmediate(planned);
    planned = setImmediate(read);
  };
  const fail = ({ message }: { message?: string } = {}) => {
    trouble = message ?? 'lost its connection';
    feed.confirm(config.redact(trouble));
  };
  const recover = () => {
    trouble = undefined;
    readSoon();
  };
  provider.events?.addHandler(ProviderEvents.ConfigurationChanged, readSoon);
  provider.events?.addHandler(ProviderEvents.Stale, fail);
  provider.events?.addHandler(ProviderEvents.Error, fail);
  provider.events?.addHandler(ProviderEvents.Ready, recover);

  // What fails here shows in what the reading gets.
  const start = Promise.try(() => provider.initialize?.(contextOf())).then(read, read);
  await inTime(start, START_PATIENCE_MS).catch(() => undefined);
  const timer = setInterval(read, config.get('FLAGS_VENDOR_REFRESH_SECONDS') * 1000).unref();
  return Object.assign(feed, {
    async evaluate(name: FlagName, subject?: string) {
      const asked = inTime(ask(provider, name, contextOf(subject)), START_PATIENCE_MS);
      const value = (await asked.catch(() => undefined))?.value;
      if (typeof value === 'string') return { on: true, variant: value };
      return typeof value === 'boolean' ? { on: value } : undefined;
    },
    async close() {
      heard = Number.POSITIVE_INFINITY;
      clearInterval(timer);
      clearImmediate(planned);
      const end = Promise.try(() => provider.onClose?.());
      await inTime(end, START_PATIENCE_MS).catch(() => undefined);
    },
  });
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

// A text is the name of the variant that everybody gets.
function toFlagValue(value: JsonValue) {
  const meant = typeof value === 'string' ? { variants: { [value]: 100 } } : value;
  const { data } = flagValue.safeParse(meant);
  if (data === undefined) throw new Error(NO_FLAG_VALUE);
  return data;
}
