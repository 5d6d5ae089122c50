import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { storeKeys } from '../keys/stores.ts';
import type { Contribution, LayerContext, LayerName, LayerResult, Problem } from '../model.ts';
import { isForbiddenName, type PlainObject } from '../plain.ts';
import { declaration } from '../schema.ts';
import { type Entry, readEntries } from './entries.ts';
import { StoreError, storeErrorOf } from './store-error.ts';

const MOST_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;
// All stores are read side by side, so what bounds one of them bounds them all at boot.
const BOOT_BUDGET_MS = 30_000;

/** A place outside of this machine where settings are kept. */
export interface Store {
  readonly layer: LayerName;
  /** The key that turns it on. */
  readonly key: string;
  /** What the origins of its values begin with: `vault:secret/myapp/prod`. */
  readonly source: string;
  /** Who is asked, for sentences: `Vault at https://vault.example.com:8200`. */
  readonly name: string;
  /** The keys to look at where nobody answers. */
  readonly addressKeys: string;
  readonly required: boolean;
  readonly timeoutMs: number;
  /** Read everything, once: a failure that may pass is tried again here, and nowhere below. */
  ask(deadline: AbortSignal): Promise<readonly Entry[]>;
}

type Answer =
  | { readonly attempts: number; readonly entries: readonly Entry[] }
  | { readonly attempts: number; readonly failure: StoreError };

/**
 * Read a store. One that fails keeps what it gave to the running configuration; at boot it is a
 * problem where it is required, else a warning.
 */
export async function loadStore(store: Store, previous?: LayerResult): Promise<LayerResult> {
  const answer = await askPatiently(store);
  const { attempts } = answer;
  if ('entries' in answer) {
    const { source } = store;
    return {
      ...readKnown(store, answer.entries),
      sources: [{ source, status: 'fresh', attempts, loadedAt: Date.now() }],
    };
  }
  const { failure } = answer;
  const reason = `${store.name} ${failure.message}`;
  const problem: Problem = {
    key: store.key,
    reason: `${store.source.replace(/^\w+:/, '')} cannot be loaded: ${reason}`,
    remedy: failure.remedy,
    ...(failure.kind === 'down' || failure.kind === 'refused' ? { unreachable: true } : {}),
  };
  const last = previous?.sources.find(({ source }) => source === store.source);
  if (previous !== undefined && (last?.status === 'fresh' || last?.status === 'stale')) {
    return {
      contributions: previous.contributions.filter((one) => one.source.startsWith(store.source)),
      warnings: [{ ...problem, reason: `${problem.reason}; its last values stay in use` }],
      sources: [{ ...last, status: 'stale', reason, attempts: (last.attempts ?? 0) + attempts }],
    };
  }
  const fatal = store.required || failure.kind === 'setup';
  return {
    contributions: [],
    [fatal ? 'problems' : 'warnings']: [problem],
    sources: [
      {
        source: store.source,
        status: 'failed',
        reason,
        attempts: (last?.attempts ?? 0) + attempts,
      },
    ],
  };
}

export type StoreSettings = {
  readonly [K in keyof typeof storeKeys]: z.output<(typeof storeKeys)[K]['type']>;
};

/** The keys about stores; nothing where one is not valid, which the schema reports. */
export function readSettings({ setting }: LayerContext): StoreSettings | undefined {
  const values: PlainObject = {};
  for (const [key, { type }] of Object.entries(storeKeys)) {
    const parsed = type.safeParse(setting(key).value, { jitless: true });
    if (!parsed.success) return undefined;
    values[key] = parsed.data;
  }
  return values as StoreSettings;
}

/** The members of one JSON secret as entries. */
export function membersAsEntries(
  members: PlainObject,
  source: string,
  changedAt: number | undefined,
): Entry[] {
  return Object.entries(members).map(([name, value]) => ({
    path: pathOf(name),
    source: `${source}#${name}`,
    value,
    changedAt,
  }));
}

/** The path that a name in a store is short for: `RATE_LIMIT__MAX` reaches inside. */
export function pathOf(name: string): string[] {
  return isForbiddenName(name) ? [name] : name.split('__');
}

/** A store that is turned on and cannot be asked, since its own settings are at fault. */
export function misconfigured(source: string, ...problems: readonly Problem[]): LayerResult {
  const reason = 'its own settings are at fault';
  const status = { source, status: 'failed', reason, attempts: 0 } as const;
  return { contributions: [], problems, sources: [status] };
}

async function askPatiently(store: Store): Promise<Answer> {
  const timeoutMs = Math.min(store.timeoutMs, BOOT_BUDGET_MS);
  const deadline = AbortSignal.timeout(timeoutMs);
  // Not every library lets go of an answer that drips in slowly.
  const over = new Promise<never>((_resolve, reject) => {
    deadline.addEventListener('abort', () => reject(deadline.reason), { once: true });
  });
  let failure: StoreError | undefined;
  for (let attempts = 1; ; attempts += 1) {
    try {
      const entries = await Promise.race([store.ask(deadline), over]);
      if (entries.length === 0) throw holdsNothing(store);
      return { attempts, entries };
    } catch (error) {
      const isLate = deadline.aborted && !(error instanceof StoreError);
      if (!isLate) failure = storeErrorOf(error, lookAt(store));
      // What went wrong before the time was up says more.
      failure ??= new StoreError('down', `did not answer within ${timeoutMs} ms`, lookAt(store));
      const again = failure.kind === 'down' && attempts < MOST_ATTEMPTS;
      if (!again || !(await pause(attempts, deadline))) return { attempts, failure };
    }
  }
}

// Full jitter, so that replicas that failed together do not come back together.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
async function pause(attempts: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** (attempts - 1), undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

function lookAt({ addressKeys }: Store): string {
  return `check ${addressKeys}, and that this machine reaches it`;
}

function holdsNothing({ key }: Store): StoreError {
  return new StoreError('refused', 'holds nothing there', `check ${key}, or put the values there`);
}

function readKnown({ layer, source }: Store, entries: readonly Entry[]) {
  const unknown: Contribution[] = [];
  const known: Entry[] = [];
  for (const entry of entries) {
    const key = entry.path[0]?.toUpperCase() ?? '';
    // A name that is no identifier may be a value in the wrong place.
    const isName = entry.path.every((segment) => /^\w{1,64}$/.test(segment));
    const isOurs = declaration(key) !== undefined || entry.path.some(isForbiddenName);
    if (isName && isOurs) known.push(entry);
    else unknown.push({ layer, source: isName ? entry.source : source, key, value: undefined });
  }
  const { contributions, problems } = readEntries(layer, known);
  return { contributions: [...unknown, ...contributions], problems };
}
