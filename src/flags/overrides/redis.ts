import { FlagRevisionError, type OverrideStore, readOverride } from './store.ts';

const KEY = 'flags:overrides';
const CHANNEL = 'flags:changed';

// Redis runs a script as one step. A field holds `revision:JSON`; what is written is newer than
// what is there, and than what the writer has seen; what comes late is not written.
const PUT = `
local now = redis.call('TIME')
if now[1] * 1000 + now[2] / 1000 > tonumber(ARGV[5]) then return redis.error_reply('LATE') end
local kept = redis.call('HGET', KEYS[1], ARGV[1])
local revision = math.max(kept and tonumber(string.match(kept, '^%d+')) or 0, tonumber(ARGV[3]))
if ARGV[4] ~= '' and tonumber(ARGV[4]) ~= revision then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], (revision + 1) .. ':' .. ARGV[2])
redis.call('PUBLISH', KEYS[2], '')
return revision + 1`;

/** What is asked of a Redis client. */
export interface OverrideRedis {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  time(): Promise<unknown[]>;
  hGetAll(key: string): Promise<Record<string, string>>;
  duplicate(): Subscriber;
}

interface Subscriber {
  on(event: 'error' | 'ready', listener: () => void): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: () => void): Promise<unknown>;
  destroy(): void;
}

/** Overrides in Redis, which tells the replicas of each change. */
export function redisOverrides(redis: OverrideRedis): OverrideStore {
  return {
    name: 'redis',
    async load() {
      return Object.entries(await redis.hGetAll(KEY)).flatMap(fromField);
    },
    async put({ ifRevision = '', seen, deadline, ...change }) {
      const { name, ...data } = change;
      // By its own clock, which may be another one.
      const [seconds, microseconds] = await redis.time();
      const end = Number(seconds) * 1e3 + Number(microseconds) / 1e3 + deadline - Date.now();
      const revision = await redis.eval(PUT, {
        keys: [KEY, CHANNEL],
        arguments: [name, JSON.stringify(data), String(seen), String(ifRevision), String(end)],
      });
      if (revision === 0) throw new FlagRevisionError();
      return { ...change, revision: Number(revision) };
    },
    subscribe(heard) {
      const subscriber = redis.duplicate();
      // It is `ready` again when it has subscribed again; a broken connection may lose messages.
      subscriber.on('ready', heard);
      subscriber.on('error', heard);
      subscriber
        .connect()
        .then(() => subscriber.subscribe(CHANNEL, heard))
        .then(heard, heard);
      return () => subscriber.destroy();
    },
  };
}

function fromField([name, text]: [string, string]) {
  const [, revision, json = ''] = /^(\d+):(.*)$/s.exec(text) ?? [];
  return readOverride(() => ({ ...JSON.parse(json), name, revision: Number(revision) }));
}
