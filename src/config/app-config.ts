import { inspect } from 'node:util';
import { appliedKeys, compareLoads, keepRunning } from './difference.ts';
import { instanceFolder } from './layers/instance.ts';
import { type Loaded, type LoadRequest, loadConfig } from './load.ts';
import { createRedactor } from './mask.ts';
import { isRemote, type Origin, type Problem, type SourceStatus } from './model.ts';
import { ConfigError } from './problem.ts';
import type { Listener, ReloadOptions, ReloadReport, ReloadResult } from './reload.ts';
import { Reloads } from './reload.ts';
import { isKeyName, type KeyName, type SettingName, type Settings } from './schema.ts';
import { createSettings } from './snapshot.ts';
import { explainKey, maskedValues, originOf, secretTexts, unknownKeyError } from './view.ts';

interface State {
  readonly loaded: Loaded;
  readonly settings: Settings;
  readonly version: number;
  /** Keys whose newest value waits for a restart. */
  readonly pending: readonly KeyName[];
}

/** The configuration as the app sees it: typed values, and who said each of them. */
export class AppConfig {
  readonly #request: LoadRequest;
  readonly #reloads = new Reloads((confirm) => this.#reload(confirm));
  /** When the stores are asked again, in ms since the epoch, where somebody will. */
  nextRefreshAt: number | undefined;
  #state: State;
  #redactor: ((text: string) => string) | undefined;

  constructor(request: LoadRequest, loaded: Loaded) {
    assertValid(loaded);
    this.#request = request;
    this.#state = { loaded, settings: createSettings(loaded.values), version: 1, pending: [] };
  }

  /** One current value. @throws {RangeError} for a name that is no key */
  get<K extends SettingName>(key: K): Settings[K] {
    if (!isKeyName(key)) throw unknownKeyError(key);
    return this.#state.settings[key];
  }

  /** All current values, deeply frozen: take it once where several keys must agree. */
  get snapshot(): Settings {
    return this.#state.settings;
  }

  /** Starts at 1 and grows with every reload that changed a value. */
  get version(): number {
    return this.#state.version;
  }

  /** The folder of this machine's own files: instance configuration, embedded database. */
  get instanceDir(): string {
    return instanceFolder(this.#request);
  }

  /** Where the value comes from; nothing for a key that is not set. */
  origin(key: KeyName): Origin | undefined {
    return originOf(this.#state.loaded, key);
  }

  /** Where each value comes from, by key. */
  origins(): Record<string, Origin | null> {
    return Object.fromEntries(
      Object.keys(this.masked()).map((key) => [key, originOf(this.#state.loaded, key) ?? null]),
    );
  }

  /** What every layer says about the key, masked, highest first. */
  explain(key: KeyName) {
    return explainKey(this.#state.loaded, key);
  }

  /** Every key's masked value; `null` for a key that is not set. */
  masked(): Record<string, unknown> {
    return maskedValues(this.#state.loaded);
  }

  /** How each source answered, and how many seconds ago. */
  sources(): (SourceStatus & { ageSeconds: number })[] {
    const now = Date.now();
    return this.#state.loaded.sources.map((source) => ({
      ...source,
      ageSeconds: Math.round((now - source.loadedAt) / 1000),
      ...(isRemote(source) && this.nextRefreshAt !== undefined
        ? { nextTryAt: this.nextRefreshAt }
        : {}),
    }));
  }

  warnings(): readonly Problem[] {
    return this.#state.loaded.warnings;
  }

  /** The keys whose newest value waits for a restart. */
  pending(): readonly KeyName[] {
    return this.#state.pending;
  }

  /** How the last reload went; nothing where there was none. Dry runs do not count. */
  lastReload() {
    return this.#reloads.last;
  }

  /**
   * Call `listener` after a reload that changed one of `keys`, and before the reload is over; the
   * answer ends it.
   */
  onChange(keys: readonly KeyName[], listener: Listener): () => void {
    return this.#reloads.onChange(keys, listener);
  }

  /** Call `listener` after every reload, whoever asked for it; dry runs do not count. */
  onReload(listener: (report: ReloadReport) => void): void {
    this.#reloads.onReload(listener);
  }

  /**
   * Ask every layer again and swap in the result, or change nothing. A dry run only tells.
   * Calls that come at once share one reload.
   * @throws {ConfigError} when the candidate is not valid
   */
  reload(options: ReloadOptions = {}): Promise<ReloadResult> {
    return this.#reloads.ask(options);
  }

  async #reload(confirm?: ReloadOptions['confirm']): Promise<ReloadResult> {
    const { loaded, version, settings } = this.#state;
    const candidate = await loadConfig(this.#request, loaded);
    assertValid(candidate);
    const difference = compareLoads(loaded, candidate);
    const isNews = appliedKeys(difference).length > 0;
    if (confirm === undefined) return { version, ...difference };
    const result = { version: isNews ? version + 1 : version, ...difference };
    if (result.changes.length > 0) await confirm(result);

    const pending = result.restartRequired;
    const next = keepRunning(pending, loaded, candidate);
    this.#redactor = undefined;
    this.#state = {
      loaded: next,
      settings: isNews ? createSettings(next.values) : settings,
      version: result.version,
      pending,
    };
    return result;
  }

  /** Mask a text with what is known of secrets in general and of the ones in use. */
  redact(text: string): string {
    this.#redactor ??= createRedactor(secretTexts(this.#state.loaded));
    return this.#redactor(text);
  }

  toJSON(): Record<string, unknown> {
    return this.masked();
  }

  toString(): string {
    return JSON.stringify(this);
  }

  [inspect.custom](): string {
    return `AppConfig ${inspect(this.masked())}`;
  }
}

function assertValid({ chosen, problems }: Loaded): void {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  if (problems.length === 0) return;
  throw new ConfigError(`The configuration for ${chosen.name} has ${count}:`, problems);
}
