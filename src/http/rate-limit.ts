import { hash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import {
  ipKeyGenerator,
  MemoryStore,
  type Options,
  rateLimit,
  type Store,
} from 'express-rate-limit';
import type { AppConfig } from '../config/app-config.ts';
import type { Settings } from '../config/schema.ts';
import { StoreAwayError } from '../config/store-away.ts';
import { HttpProblem } from './errors.ts';

/** Makes the place where one limit counts. */
export type CounterStore = (name: string) => Store;

interface LimitOptions extends Partial<Options> {
  readonly name: string;
  readonly counters: CounterStore;
  readonly keyGenerator?: (req: Request) => string;
  pick(settings: Settings): Pick<Settings['RATE_LIMIT'], 'WINDOW_SECONDS' | 'MAX'>;
}

/** Answer 429 when one address, or what `keyGenerator` tells apart, asks too often. */
export function limitRate(config: AppConfig, limit: LimitOptions): RequestHandler {
  const { name, pick, counters, keyGenerator = networkOf, ...options } = limit;
  // One for good: a reload that changes the limit forgets nobody, and leaves no timer behind.
  const store = counters(name);
  const create = () => {
    const { WINDOW_SECONDS, MAX } = pick(config.snapshot);
    return rateLimit({
      windowMs: WINDOW_SECONDS * 1000,
      limit: MAX,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      handler: (_req, _res, next) => next(new HttpProblem(429)),
      // Its warnings go to the console, and a stranger's header can cause them; readiness tells of
      // a store that is away.
      validate: false,
      logger: { warn: ignore, error: ignore },
      store,
      ...options,
      // What began under another window keeps its end, and must not hold up whoever asks under this.
      keyGenerator: (req) => `${WINDOW_SECONDS}:${keyGenerator(req)}`,
    });
  };
  let handler = create();
  config.onChange(['RATE_LIMIT'], () => {
    handler = create();
  });
  return (req, res, next) => handler(req, res, next);
}

/** The limit of routes that need one. */
export function requestLimit(config: AppConfig, counters: CounterStore) {
  const pick = (settings: Settings) => settings.RATE_LIMIT;
  // While the counters are away, to serve matters more than to count.
  return limitRate(config, { name: 'requests', pick, counters, passOnStoreError: true });
}

/** The client's address, or its network where addresses come by the million: IPv6 by /56. */
export function networkOf(req: Request): string {
  return ipKeyGenerator(req.ip ?? '', 56);
}

/**
 * Count in Redis, for all processes together, or without it here, until `closing`.
 * @throws {StoreAwayError}
 */
export async function openCounters(
  redis: { sendCommand(command: string[]): Promise<unknown> } | undefined,
  closing: AbortSignal,
): Promise<CounterStore> {
  if (redis === undefined) {
    return () => {
      const store = new MemoryStore();
      closing.addEventListener('abort', () => store.shutdown());
      return store;
    };
  }
  const { RedisStore } = await import('rate-limit-redis');
  const sendCommand = async (...command: string[]) => {
    try {
      return (await redis.sendCommand(command)) as never;
    } catch (error) {
      const [name, , script = ''] = command;
      // The store keeps the answer for good. It is the script's SHA-1, and a Redis that does not
      // know it yet is given the script once it is back.
      if (name === 'SCRIPT') return hash('sha1', script) as never;
      // It knows by the message where Redis has forgotten the script.
      throw new StoreAwayError((error as Error).message, { cause: error });
    }
  };
  return (name) => new RedisStore({ prefix: `limit:${name}:`, sendCommand });
}

/** A counter per name: how often it was called in the minute that its first call began. */
export function countByMinute(): (name: string) => number {
  // The oldest come first, and go first.
  const minutes = new Map<string, { count: number; end: number }>();
  return (name) => {
    const now = Date.now();
    for (const [old, { end }] of minutes) {
      if (end > now) break;
      minutes.delete(old);
    }
    const minute = minutes.get(name) ?? { count: 0, end: now + 60_000 };
    minute.count += 1;
    minutes.set(name, minute);
    return minute.count;
  };
}

function ignore(): void {}
