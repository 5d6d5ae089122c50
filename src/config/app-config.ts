import { inspect } from 'node:util';
import { type Change, compareLoads } from './difference.ts';
import { instanceFolder } from './layers/instance.ts';
import { type Loaded, type LoadRequest, loadConfig } from './load.ts';
import { createRedactor } from './mask.ts';
import type { Origin, Problem, SourceStatus } from './model.ts';
import { configError } from './problem.ts';
import { isKeyName, type KeyName, type SettingName, type Settings } from './schema.ts';
import { createSettings } from './snapshot.ts';
import {
  explainKey,
  maskedValues,
  originOf,
  type Said,
  secretTexts,
  unknownKeyError,
} from './view.ts';

export interface ReloadResult {
  /** The version after the reload; a dry run leaves it as it was. */
  readonly version: number;
  readonly changes: readonly Change[];
  /** Changed keys that keep their running value until the app is started anew. */
  readonly restartRequired: readonly KeyName[];
}

type Listener = (changed: readonly KeyName[]) => void;

interface State {
  readonly loaded: Loaded;
  readonly settings: Settings;
  readonly version: number;
}

/** The configuration as the app sees it: typed values, and who said each of them. */
export class AppConfig {
  readonly #request: LoadRequest;
  readonly #listeners = new Set<{ keys: ReadonlySet<string>; listener: Listener }>();
  #state: State;
  #redactor: ((text: string) => string) | undefined;
  #running: { dryRun: boolean; result: Promise<ReloadResult> } | undefined;

  constructor(request: LoadRequest, loaded: Loaded) {
    if (loaded.problems.length > 0) throw configError(loaded.chosen.name, loaded.problems);
    this.#request = request;
    this.#state = { loaded, settings: createSettings(loaded.values), version: 1 };
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
  explain(key: KeyName): Said[] {
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
    }));
  }

  warnings(): readonly Problem[] {
    return this.#state.loaded.warnings;
  }

  /** Call `listener` after a reload that changed one of `keys`; the answer ends it. */
  onChange(keys: readonly KeyName[], listener: Listener): () => void {
    const entry = { keys: new Set(keys), listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /**
   * Ask every layer again and swap in the result, or change nothing. A dry run only tells.
   * Calls that overlap share one reload.
   * @throws {ConfigError} when the candidate is not valid
   */
  reload({ dryRun = false }: { dryRun?: boolean } = {}): Promise<ReloadResult> {
    if (this.#running?.dryRun === dryRun) return this.#running.result;
    // Nothing is awaited before the assignment: a second call would find nothing running.
    const earlier = this.#running?.result.catch(() => undefined) ?? Promise.resolve();
    const result = earlier
      .then(() => this.#reload(dryRun))
      .finally(() => {
        if (this.#running?.result === result) this.#running = undefined;
      });
    this.#running = { dryRun, result };
    return result;
  }

  async #reload(dryRun: boolean): Promise<ReloadResult> {
    const { loaded, version, settings } = this.#state;
    const candidate = await loadConfig(this.#request, loaded.chosen, loaded);
    if (candidate.problems.length > 0) throw configError(loaded.chosen.name, candidate.problems);
    const { changes, applied, restartRequired, next } = compareLoads(loaded, candidate);
    if (dryRun) return { version, changes, restartRequired };

    this.#redactor = undefined;
    const grown = applied.length > 0;
    this.#state = {
      loaded: next,
      settings: grown ? createSettings(next.values) : settings,
      version: grown ? version + 1 : version,
    };
    this.#notify(applied);
    return { version: this.#state.version, changes, restartRequired };
  }

  // One listener's failure must not keep the news from the others.
  #notify(changed: readonly KeyName[]): void {
    const failures: unknown[] = [];
    for (const { keys, listener } of this.#listeners) {
      const relevant = changed.filter((key) => keys.has(key));
      try {
        if (relevant.length > 0) listener(relevant);
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'a configuration listener failed');
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
