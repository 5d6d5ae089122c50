import { isDeepStrictEqual } from 'node:util';
import { appliedKeys, compareLoads, type Difference, keepRunning } from './difference.ts';
import { assertValid, type Loaded, type LoadRequest, loadConfig } from './load.ts';
import type { SourceStatus } from './model.ts';
import type { KeyName, Settings } from './schema.ts';
import { createSettings } from './snapshot.ts';

/** The running configuration: replaced whole, or not at all. */
interface State {
  readonly loaded: Loaded;
  /** What was loaded last, with what waits for a restart. */
  readonly last: Loaded;
  readonly settings: Settings;
  readonly version: number;
  /** Keys whose newest value waits for a restart. */
  readonly pending: readonly KeyName[];
}

export interface ReloadResult extends Difference {
  /** The version after the reload; a dry run leaves it as it was. */
  readonly version: number;
}

export interface ReloadOptions {
  /** Only tell what would change. */
  readonly dryRun?: boolean;
  /** Who or what asks for it, for the log. */
  readonly by?: string;
  /** Is awaited before the reload counts, in place of the app's own; a throw refuses it. */
  readonly confirm?: Confirm;
}

/** Told what is about to count, and who asked for it. */
export type Confirm = (result: ReloadResult, by: string) => unknown;

/** A reload that ended, either way. */
export interface ReloadReport {
  /** In ms since the epoch. */
  readonly at: number;
  readonly ok: boolean;
  readonly by: string;
  /** The keys with a new value. */
  readonly changed: readonly KeyName[];
  /** Whether a value is new, be it in use or waiting for a restart. */
  readonly isNews: boolean;
  readonly result?: ReloadResult | undefined;
  readonly error?: unknown;
}

export type Listener = (changed: readonly KeyName[]) => unknown;

/** Runs one reload after the other, and tells everybody who wants to know how it went. */
export class Reloads {
  readonly #request: LoadRequest;
  readonly #listeners = new Set<{ keys: readonly KeyName[]; listener: Listener }>();
  readonly #reportListeners = new Set<(report: ReloadReport) => void>();
  readonly #waiting = new Map<boolean, { asked: ReloadOptions[]; result: Promise<ReloadResult> }>();
  #running: Promise<unknown> = Promise.resolve();
  #confirm: Confirm | undefined;
  state: State;
  /** How each source answered last, also where the reload was refused. */
  answers: readonly SourceStatus[];
  /** The values about to be swapped in, while that is being confirmed. */
  candidate: Settings | undefined;
  /** How the last one went. */
  last: Omit<ReloadReport, 'isNews' | 'result' | 'error'> | undefined;

  constructor(request: LoadRequest, loaded: Loaded) {
    assertValid(loaded);
    this.#request = request;
    const settings = createSettings(loaded.values);
    this.answers = loaded.sources;
    this.state = { loaded, last: loaded, settings, version: 1, pending: [] };
  }

  onChange(keys: readonly KeyName[], listener: Listener): () => void {
    const entry = { keys, listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  onReload(listener: (report: ReloadReport) => void): void {
    this.#reportListeners.add(listener);
  }

  confirmBy(confirm: Confirm): void {
    this.#confirm = confirm;
  }

  /**
   * Calls share a reload as long as it has not begun to read. One that comes later may know of
   * something newer, and gets the next.
   */
  ask(options: ReloadOptions): Promise<ReloadResult> {
    const { dryRun = false } = options;
    const waiting = this.#waiting.get(dryRun);
    waiting?.asked.push(options);
    if (waiting !== undefined) return waiting.result;
    const asked = [options];
    const result = this.#running.then(async () => {
      this.#waiting.delete(dryRun);
      if (!dryRun) return this.#run(asked);
      const { result: difference } = this.#compare(await this.#load());
      return { ...difference, version: this.state.version };
    });
    this.#running = result.catch(() => undefined);
    this.#waiting.set(dryRun, { asked, result });
    return result;
  }

  /** Resolves when the reloads that were asked for are over, however they went. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(asked: readonly ReloadOptions[]): Promise<ReloadResult> {
    const by = [...new Set(asked.map((one) => one.by ?? 'the app'))].join(', ');
    const before = this.state;
    const report = (how: Pick<ReloadReport, 'ok' | 'result' | 'error'>) =>
      this.#report({ by, changed, isNews: isNews(before, this.state), ...how });
    let result: ReloadResult | undefined;
    let changed: KeyName[] = [];
    try {
      result = await this.#reload(asked, by);
      changed = appliedKeys(result);
      await this.#tell(changed);
    } catch (error) {
      report({ ok: false, result, error });
      throw error;
    }
    report({ ok: true, result });
    return result;
  }

  #load(): Promise<Loaded> {
    return loadConfig(this.#request, this.state.loaded);
  }

  /** What would be the state with a candidate, and what is different there. */
  #compare(candidate: Loaded): { state: State; result: ReloadResult } {
    const { loaded, last, settings, version } = this.state;
    assertValid(candidate);
    const difference = compareLoads(loaded, candidate, last);
    const pending = difference.restartRequired;
    const next = keepRunning(pending, loaded, candidate);
    const isNew = appliedKeys(difference).length > 0;
    const state = {
      loaded: next,
      last: candidate,
      settings: isNew ? createSettings(next.values) : settings,
      version: isNew ? version + 1 : version,
      pending,
    };
    return { state, result: { version: state.version, ...difference } };
  }

  async #reload(asked: readonly ReloadOptions[], by: string): Promise<ReloadResult> {
    const candidate = await this.#load();
    this.answers = candidate.sources;
    const { state, result } = this.#compare(candidate);
    // One speaks for all who asked: it is told their names, and half a confirmation is none.
    const own = asked.find(({ confirm }) => confirm !== undefined)?.confirm;
    const confirm = own ?? (isNews(this.state, state) ? this.#confirm : undefined);
    this.candidate = state.settings;
    try {
      await confirm?.(result, by);
    } finally {
      this.candidate = undefined;
    }
    this.state = state;
    return result;
  }

  #report({ isNews, result, error, ...how }: Omit<ReloadReport, 'at'>): void {
    this.last = { at: Date.now(), ...how };
    for (const listener of this.#reportListeners) listener({ ...this.last, isNews, result, error });
  }

  // One listener's failure must not keep the news from the others.
  async #tell(changed: readonly KeyName[]): Promise<void> {
    const told = [...this.#listeners].map(async ({ keys, listener }) => {
      const relevant = changed.filter((key) => keys.includes(key));
      if (relevant.length > 0) await listener(relevant);
    });
    const outcomes = await Promise.allSettled(told);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    const failures = failed.map(({ reason }): unknown => reason);
    if (failures.length === 0) return;
    throw new AggregateError(failures, 'a configuration listener failed', { cause: failures[0] });
  }
}

// What waits for a restart is found again by every reload, and is news once.
function isNews(before: State, after: State): boolean {
  const waiting = [...before.pending, ...after.pending];
  const isOther = (key: KeyName) =>
    !isDeepStrictEqual(before.last.values[key], after.last.values[key]);
  return after.version > before.version || waiting.some(isOther);
}
