import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { storeKeys } from '../keys/stores.ts';
import { maskText } from '../mask.ts';
import type { LayerContext, LayerResult, Problem } from '../model.ts';
import type { PlainObject } from '../plain.ts';
import type { Entry } from './entries.ts';
import { readShared } from './store-entries.ts';
import { StoreError, storeErrorOf } from './store-error.ts';
import type { StoreKind } from './stores.ts';

const MOST_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;

/** A place outside of this machine where settings are kept. */
export interface Store {
  /** What the origins of its values begin with: `vault:secret/myapp/prod`. */
  readonly source: string;
  /** Who is asked, for sentences: `Vault at https://vault.example.com:8200`. */
  readonly name: string;
  /** The keys to look at where nobody answers. */
  readonly addressKeys: string;
  /** Read everything, once: a failure that may pass is tried again here, and nowhere below. */
  ask(deadline: AbortSignal): Promise<readonly Entry[]>;
  /** The client's own kind of failure as a StoreError; anything else as it is. */
  explain(error: unknown): unknown;
  /** Let go of an answer that was given up: it must not keep the process alive. */
  close?(): void;
}

export type StoreSettings = {
  readonly [K in keyof typeof storeKeys]: z.output<(typeof storeKeys)[K]['type']>;
};

/** Makes a store, or says what is missing among its settings. */
export type OpenStore = (settings: StoreSettings, context: LayerContext) => Store | Problem[];

/**
 * Read a store. One that fails keeps what it gave to the running configuration. Where it has not
 * given anything it is a problem if it is required, or if another place's values would go; else a
 * warning.
 */
export async function loadStore(kind: StoreKind, context: LayerContext): Promise<LayerResult> {
  const { key, layer, prefix } = kind;
  const settings = readSettings(kind, context);
  if (settings === undefined) return misconfigured(kind, context, []);
  const store = (await kind.client()).open(settings, context);
  if (Array.isArray(store)) return misconfigured(kind, context, store);
  const { source } = store;
  const timeoutMs = settings[`${prefix}_TIMEOUT_MS`];
  const { answer, attempts } = await askPatiently(store, key, timeoutMs);
  store.close?.();
  if (!(answer instanceof StoreError)) {
    const status = { source, status: 'fresh', attempts, loadedAt: Date.now() } as const;
    return { ...readShared(layer, source, answer), sources: [status] };
  }

  const reason = maskText(`${store.name} ${answer.message}`);
  const problem: Problem = {
    key,
    reason: `${source.replace(/^\w+:/, '')} cannot be loaded: ${reason}`,
    remedy: answer.remedy,
    ...(answer.kind !== 'setup' && { unreachable: true }),
  };
  const last = context.previous?.sources.find((one) => one.source === source);
  const status = { source, reason, attempts: (last?.attempts ?? 0) + attempts };
  if (context.previous === undefined || last === undefined || last.status === 'failed') {
    const scheme = source.slice(0, source.indexOf(':') + 1);
    const isMove =
      last === undefined &&
      context.previous?.contributions.some((one) => one.source.startsWith(scheme));
    const isFatal = settings[`${prefix}_REQUIRED`] || answer.kind === 'setup' || isMove;
    const list = isFatal ? 'problems' : 'warnings';
    return { contributions: [], [list]: [problem], sources: [{ ...status, status: 'failed' }] };
  }
  return {
    contributions: context.previous.contributions.filter((one) => one.source.startsWith(source)),
    warnings: [{ ...problem, reason: `${problem.reason}; its last values stay in use` }],
    sources: [{ ...last, ...status, status: 'stale' }],
  };
}

// A store's own keys, for no other ones are looked at; nothing where one of them is not valid,
// which the schema reports.
function readSettings({ layer, prefix }: StoreKind, { setting }: LayerContext) {
  const values: PlainObject = {};
  for (const [key, { type }] of Object.entries(storeKeys)) {
    const isOwn = key.startsWith(`${prefix}_`) || (layer === 'aws' && key.startsWith('AWS_'));
    if (!isOwn) continue;
    const parsed = type.safeParse(setting(key).value, { jitless: true });
    if (!parsed.success) return undefined;
    values[key] = parsed.data;
  }
  return values as StoreSettings;
}

/** A key without which another one is of no use. */
export function needed(key: string, where: string): Problem {
  return { key, reason: `is needed where ${where} is set`, remedy: `set ${key}` };
}

function misconfigured(
  { key, prefix }: StoreKind,
  { setting }: LayerContext,
  problems: readonly Problem[],
): LayerResult {
  // What is no valid path may be a value in the wrong place.
  const { success, data } = storeKeys[key].type.safeParse(setting(key).value, { jitless: true });
  const source = success ? `${prefix.replace('_', '').toLowerCase()}:${data}` : key;
  const reason = 'its own settings are at fault';
  const status = { source, status: 'failed', reason, attempts: 0 } as const;
  return { contributions: [], problems, sources: [status] };
}

async function askPatiently(store: Store, key: string, timeoutMs: number) {
  const deadline = AbortSignal.timeout(timeoutMs);
  // Not every library lets go of an answer that drips in slowly.
  const over = once(deadline, 'abort').then(() => Promise.reject(deadline.reason));
  const check = `check ${store.addressKeys}, and that this machine reaches it`;
  let failure: StoreError | undefined;
  for (let attempts = 1; ; attempts += 1) {
    try {
      const entries = await Promise.race([store.ask(deadline), over]);
      if (entries.length > 0) return { answer: entries, attempts };
      const remedy = `check ${key}, or put the values there`;
      failure = new StoreError('refused', 'holds nothing there', remedy);
    } catch (thrown) {
      const error = store.explain(thrown);
      // What went wrong before the time was up says more.
      if (!deadline.aborted || error instanceof StoreError) failure = storeErrorOf(error, check);
      failure ??= new StoreError('down', `did not answer within ${timeoutMs} ms`, check);
    }
    if (failure.kind !== 'down' || attempts === MOST_ATTEMPTS) return { answer: failure, attempts };
    // Full jitter, so that replicas that failed together do not come back together.
    // https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    const pauseMs = Math.random() * FIRST_PAUSE_MS * 2 ** (attempts - 1);
    await sleep(pauseMs, undefined, { signal: deadline }).catch(() => undefined);
    if (deadline.aborted) return { answer: failure, attempts };
  }
}
