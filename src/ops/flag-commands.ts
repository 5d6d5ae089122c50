import { userInfo } from 'node:os';
import { pino } from 'pino';
import type { AppConfig } from '../config/app-config.ts';
import { cast } from '../config/cast.ts';
import { nearest } from '../config/did-you-mean.ts';
import {
  FLAG_NAMES,
  type FlagName,
  type FlagValue,
  flagValue,
  isFlagName,
} from '../config/keys/flags.ts';
import { isProtected } from '../config/model.ts';
import { ConfigError } from '../config/problem.ts';
import { renderLines, renderTable, type Terminal } from '../config/table.ts';
import { describeType } from '../config/value-type.ts';
import { connectDatabase } from '../database/connect.ts';
import { openRedis } from '../database/redis.ts';
import { openOverrides } from '../flags/overrides/open.ts';
import { createFlagStore, type FlagState, type FlagStore } from '../flags/store.ts';
import { ageOf, checkFlags, findUses } from '../flags/usage.ts';
import { type AuditTrail, createAuditTrail } from './audit/trail.ts';

interface FlagOptions {
  readonly check?: true;
  readonly reason?: string;
  readonly ttl?: number;
  readonly json?: true;
}

interface Output {
  data(text: string): void;
  note(text: string): void;
  readonly terminal: Terminal | undefined;
}

/**
 * Run `flags`, `flags --check`, `flags set NAME VALUE` or `flags unset NAME`; gives the exit code.
 * @throws {ConfigError} when the words make no sense, or a place that is needed cannot be used
 */
export async function runFlags(
  words: readonly string[],
  options: FlagOptions,
  loadConfig: () => Promise<AppConfig>,
  say: Output,
): Promise<number> {
  if (options.check) {
    const { problems, warnings } = checkFlags(findUses(), Date.now());
    for (const warning of warnings) say.note(`warning: ${warning}`);
    for (const problem of problems) say.note(problem);
    return problems.length === 0 ? 0 : 1;
  }
  const [verb, name = '', text] = words;
  if (verb === undefined) {
    const states = await withFlags(await loadConfig(), async (flags) => flags.list());
    say.data(options.json ? toJson(states) : toRows(states, say.terminal));
    for (const { notice } of states) if (notice !== undefined) say.note(notice);
    return 0;
  }
  if (words.length !== { set: 3, unset: 2 }[verb]) {
    throw refusal('flags', 'takes nothing, set NAME VALUE, or unset NAME', 'see --help');
  }
  const flag = readName(name);
  const value = text === undefined ? undefined : readValue(flag, text);
  const state = await change(await loadConfig(), flag, value, options);
  say.data(state.notice ?? `${flag} is as configured: ${JSON.stringify(state.value)}`);
  return 0;
}

/** A sentence about the override that hides a flag's configured value; none without one. */
export async function overrideNotices(config: AppConfig, name: FlagName): Promise<string[]> {
  const states = await withFlags(config, async (flags) => flags.list());
  return states.flatMap((state) => (state.name === name && state.notice ? [state.notice] : []));
}

async function change(
  config: AppConfig,
  name: FlagName,
  value: FlagValue | undefined,
  { reason, ttl }: FlagOptions,
): Promise<FlagState> {
  if (config.get('FLAGS_STORE') === 'memory') {
    const remedy = 'ask the app itself: POST /ops/flags/NAME';
    throw refusal('FLAGS_STORE', 'is memory, which no other process can reach', remedy);
  }
  if (isProtected(config.get('ENV')) && value !== undefined && !reason) {
    throw refusal(name, 'is not changed without a reason here', 'add --reason TEXT');
  }
  if (ttl !== undefined && !(ttl >= 1)) {
    throw refusal('--ttl', 'expects a number of seconds from 1 up', 'correct it, or leave it out');
  }
  const by = `${userInfo().username} (shell)`;
  const changing = withFlags(config, async (flags, audit) => {
    const detail = { value, reason, ttlSeconds: ttl };
    const action = value === undefined ? 'flag.unset' : 'flag.set';
    await audit.record({ action, target: name, actor: by, outcome: 'done', detail });
    return value === undefined
      ? flags.unset(name, { by, reason })
      : flags.set(name, value, { by, reason, ttlSeconds: ttl });
  });
  return changing.catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'STORE_AWAY')) throw error;
    const remedy = 'try again once the database and the store of the flags take changes';
    throw new ConfigError(`${error.message}:`, [
      { key: name, reason: 'was not changed', remedy, unreachable: true },
    ]);
  });
}

async function withFlags<T>(
  config: AppConfig,
  work: (flags: FlagStore, audit: AuditTrail) => Promise<T>,
): Promise<T> {
  await using opened = new AsyncDisposableStack();
  const { database } = await connectDatabase(config);
  opened.defer(() => database.close());
  const redis = await openRedis(config);
  opened.defer(() => redis?.destroy());
  const overrides = await openOverrides(config, database, redis);
  const flags = await createFlagStore(config, { overrides });
  opened.defer(() => flags.close());
  return await work(flags, createAuditTrail(config, database, pino({ level: 'silent' })));
}

function toJson(states: readonly FlagState[]): string {
  const uses = findUses();
  const flags = states.map((state) => ({ ...state, uses: uses.get(state.name) }));
  return JSON.stringify(flags, undefined, 2);
}

function toRows(states: readonly FlagState[], terminal: Terminal | undefined): string {
  const uses = findUses();
  const rows = states.map((state) => {
    const { name, value, source, owner, kind, expires, expired } = state;
    const end = expires === undefined ? 'stays' : `${expired ? 'expired' : 'expires'} ${expires}`;
    const life = `${kind} of ${owner}, ${ageOf(state, Date.now())} days old, ${end}`;
    return {
      name,
      value,
      origin: `${source}; ${life}; ${uses.get(name)?.join(' ') || 'not used'}`,
    };
  });
  return terminal === undefined ? renderLines(rows, true) : renderTable(rows, terminal);
}

function readName(name: string): FlagName {
  const given = name.toUpperCase();
  if (isFlagName(given)) return given;
  const near = nearest(given, FLAG_NAMES);
  throw refusal(
    'NAME',
    'is no flag that is declared',
    near ? `did you mean ${near}?` : 'npm run flags lists them',
  );
}

function readValue(name: FlagName, text: string): FlagValue {
  const read = cast(flagValue, text);
  const { data } = flagValue.safeParse('value' in read ? read.value : undefined);
  if (data !== undefined) return data;
  throw refusal(name, `expects ${describeType(flagValue)}`, 'correct VALUE');
}

function refusal(key: string, reason: string, remedy: string): ConfigError {
  return new ConfigError('That cannot be done:', [{ key, reason, remedy }]);
}
