import { userInfo } from 'node:os';
import type { AppConfig } from '../config/app-config.ts';
import { cast } from '../config/cast.ts';
import { nearest } from '../config/did-you-mean.ts';
import { FLAG_NAMES, type FlagName, type FlagValue, flagValue } from '../config/keys/flags.ts';
import { printable } from '../config/mask.ts';
import { isProtected } from '../config/model.ts';
import { ConfigError, describeFailure } from '../config/problem.ts';
import { StoreAwayError } from '../config/store-away.ts';
import { renderLines, renderTable, type Terminal } from '../config/table.ts';
import { describeType } from '../config/value-type.ts';
import { changeEvent, changeReason, type FlagState, type FlagStore, timeLimit } from './store.ts';
import { ageOf, checkFlags, findUses } from './usage.ts';

/** What the program that runs the commands gives them. */
export interface FlagDesk {
  load(): Promise<{ config(): AppConfig }>;
  /** Open the flags and the trail that tells of changes, and close them after the work. */
  withFlags<T>(
    config: AppConfig,
    work: (flags: FlagStore, trail: Trail) => Promise<T>,
    /** To look must change nothing. */
    options?: { readonly look: boolean },
  ): Promise<T>;
  data(text: string): void;
  note(text: string): void;
  readonly terminal: Terminal | undefined;
}

interface Trail {
  /** @throws {StoreAwayError} and then the change must not be made */
  record(event: FlagEvent): Promise<void>;
}

type FlagEvent = ReturnType<typeof changeEvent> & { actor: string; outcome: 'done' | 'failed' };

interface Options {
  readonly check?: true;
  readonly reason?: string;
  readonly ttl?: number;
  readonly json?: true;
}

/**
 * Run `flags`, `flags --check`, `flags set NAME VALUE` or `flags unset NAME`; gives the exit code.
 * @throws {ConfigError} when the words make no sense, or a place that is needed cannot be used
 */
export async function runFlags(
  words: readonly string[],
  options: Options,
  desk: FlagDesk,
): Promise<number> {
  if (options.check) {
    const { problems, warnings } = checkFlags(findUses(), Date.now());
    for (const warning of warnings) desk.note(`warning: ${warning}`);
    for (const problem of problems) desk.note(problem);
    return problems.length === 0 ? 0 : 1;
  }
  const [verb, name = '', text] = words;
  if (verb === undefined) {
    const { config } = await desk.load();
    const [states, sources] = await desk.withFlags(
      config(),
      async (flags) => [flags.list(), flags.sources()] as const,
      { look: true },
    );
    desk.data(options.json ? toJson(states) : toRows(states, desk.terminal));
    for (const { notice } of states) if (notice !== undefined) desk.note(notice);
    for (const { source, reason } of sources)
      if (reason) desk.note(printable(`warning: ${source}: ${reason}`));
    return 0;
  }
  if (words.length !== { set: 3, unset: 2 }[verb]) {
    throw refusal('flags', 'takes nothing, set NAME VALUE, or unset NAME', 'see --help');
  }
  const flag = readName(name);
  const value = text === undefined ? undefined : readValue(flag, text);
  const state = await change(desk, flag, value, options);
  const { notice, below } = state;
  const again = `${flag} is ${JSON.stringify(below.value)} again (${below.source})`;
  desk.data(notice ?? printable(again));
  return 0;
}

/** Note what an override of the flag hides, or that its place cannot say. */
export async function noteOverride(
  flag: FlagName,
  config: AppConfig,
  { withFlags, note }: Pick<FlagDesk, 'withFlags' | 'note'>,
): Promise<void> {
  try {
    const states = await withFlags(config, async (flags) => flags.list(), { look: true });
    for (const { name, notice } of states) if (name === flag && notice) note(notice);
  } catch (error) {
    const reason = describeFailure(error, 'Reading them failed.');
    note(`warning: whether an override hides this is not known. ${reason}`);
  }
}

async function change(
  desk: FlagDesk,
  name: FlagName,
  value: FlagValue | undefined,
  { reason: given = '', ttl: ttlSeconds }: Options,
): Promise<FlagState> {
  const config = (await desk.load()).config();
  if (config.get('FLAGS_STORE') === 'memory') {
    const remedy = 'ask the app itself: POST /ops/flags/NAME';
    throw refusal('FLAGS_STORE', 'is memory, which no other process can reach', remedy);
  }
  const { data } = changeReason.safeParse(given);
  if (data === undefined) {
    throw refusal('--reason', 'expects at most 500 characters', 'say it in fewer words');
  }
  const reason = data || undefined;
  if (isProtected(config.get('ENV')) && value !== undefined && reason === undefined) {
    throw refusal(name, 'is not changed without a reason here', 'add --reason TEXT');
  }
  if (!timeLimit.optional().safeParse(ttlSeconds).success) {
    const reason = 'expects a whole number of seconds, from 1 to a year';
    throw refusal('--ttl', reason, 'correct it, or leave it out');
  }
  const by = `${userInfo().username} (shell)`;
  const options = { by, reason, ttlSeconds };
  const changing = desk.withFlags(config, async (flags, trail) => {
    const event = { ...changeEvent(flags, name, value, options), actor: by };
    await trail.record({ ...event, outcome: 'done' });
    const work = value === undefined ? flags.unset(name, options) : flags.set(name, value, options);
    return work.catch(async (error: unknown) => {
      await trail.record({ ...event, outcome: 'failed' }).catch(() => undefined);
      throw error;
    });
  });
  return changing.catch((error: unknown) => {
    if (!(error instanceof StoreAwayError)) throw error;
    const remedy = 'try again once the database and the store of the flags take changes';
    throw new ConfigError(`${error.message}:`, [
      { key: name, reason: 'was not changed', remedy, unreachable: true },
    ]);
  });
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
    const age = `${kind} of ${owner}, ${ageOf(state, Date.now())} days old`;
    const end = expires === undefined ? 'stays' : `${expired ? 'expired' : 'expires'} ${expires}`;
    const places = uses.get(name)?.join(' ') || 'not used';
    return { name, value, origins: [`${source}; ${age}, ${end}; ${places}`] };
  });
  return terminal === undefined ? renderLines(rows, true) : renderTable(rows, terminal);
}

function readName(name: string): FlagName {
  const given = name.toUpperCase();
  const flag = FLAG_NAMES.find((one) => one === given);
  if (flag !== undefined) return flag;
  const near = nearest(given, FLAG_NAMES);
  const remedy = near ? `did you mean ${near}?` : 'npm run flags lists them';
  throw refusal('NAME', 'is no flag that is declared', remedy);
}

function readValue(name: FlagName, text: string): FlagValue {
  const read = cast(flagValue, text);
  if ('fault' in read) throw refusal(name, read.fault, 'correct VALUE');
  const { data } = flagValue.safeParse(read.value);
  if (data !== undefined) return data;
  throw refusal(name, `expects ${describeType(flagValue)}`, 'correct VALUE');
}

function refusal(key: string, reason: string, remedy: string): ConfigError {
  return new ConfigError('That cannot be done:', [{ key, reason, remedy }]);
}
