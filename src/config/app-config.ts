import { inspect } from 'node:util';
import { instanceFolder } from './layers/instance.ts';
import type { Loaded, LoadRequest } from './load.ts';
import { createRedactor } from './mask.ts';
import { isRemote, type Origin, type Problem, type SourceStatus } from './model.ts';
import type { Confirm, Listener, ReloadOptions, ReloadReport, ReloadResult } from './reload.ts';
import { Reloads } from './reload.ts';
import { isKeyName, KEYS, type KeyName, type SettingName, type Settings } from './schema.ts';
import { explainKey, maskedValues, originOf, secretTexts, unknownKeyError } from './view.ts';

/** The configuration as the app sees it: typed values, and who said each of them. */
export class AppConfig {
  readonly #reloads: Reloads;
  /** The folder of this machine's own files: instance configuration, embedded database. */
  readonly instanceDir: string;
  /** When the stores are asked again, in ms since the epoch, where somebody will. */
  nextRefreshAt: number | undefined;
  #redactor: { loaded: Loaded; redact: (text: string) => string } | undefined;

  /** @throws {ConfigError} when what was loaded is not valid */
  constructor(request: LoadRequest, loaded: Loaded) {
    this.#reloads = new Reloads(request, loaded);
    this.instanceDir = instanceFolder(request);
  }

  /** One current value. @throws {RangeError} for a name that is no key */
  get<K extends SettingName>(key: K): Settings[K] {
    if (!isKeyName(key)) throw unknownKeyError(key);
    return this.#reloads.state.settings[key];
  }

  /** All current values, deeply frozen: take it once where several keys must agree. */
  get snapshot(): Settings {
    return this.#reloads.state.settings;
  }

  /** Starts at 1 and grows with every reload that changed a value. */
  get version(): number {
    return this.#reloads.state.version;
  }

  /** Where the value comes from; nothing for a key that is not set. */
  origin(key: KeyName): Origin | undefined {
    return originOf(this.#reloads.state.loaded, key);
  }

  /** Where each value comes from, by key. */
  origins(): Record<string, Origin | null> {
    const { loaded } = this.#reloads.state;
    const keys = Object.keys(KEYS).sort();
    return Object.fromEntries(keys.map((key) => [key, originOf(loaded, key) ?? null]));
  }

  /** What every layer says about the key, masked, highest first. */
  explain(key: KeyName) {
    return explainKey(this.#reloads.state.loaded, key);
  }

  /** Every key's masked value; `null` for a key that is not set. */
  masked(): Record<string, unknown> {
    return maskedValues(this.#reloads.state.loaded);
  }

  /** How each source answered, and how many seconds ago its values in use were read. */
  sources(): (SourceStatus & { ageSeconds: number })[] {
    const nextTryAt = this.nextRefreshAt;
    const { state, answers } = this.#reloads;
    return state.loaded.sources.map((source) => {
      const { keys, loadedAt } = source;
      const ageSeconds = Math.round((Date.now() - loadedAt) / 1000);
      if (!isRemote(source)) return { ...source, ageSeconds };
      // A store may go or come back while reloads are refused for something else.
      const asked = answers.find((one) => one.source === source.source && one.attempts > 0);
      const answer = { ...(asked ?? source), keys, loadedAt, ageSeconds };
      return nextTryAt === undefined ? answer : { ...answer, nextTryAt };
    });
  }

  warnings(): readonly Problem[] {
    return this.#reloads.state.loaded.warnings;
  }

  /** The keys whose newest value waits for a restart. */
  pending(): readonly KeyName[] {
    return this.#reloads.state.pending;
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
   * Await `confirm` before a reload that has news counts; a throw refuses it. Whoever asks for a
   * reload with a `confirm` of their own is asked instead.
   */
  confirmReloads(confirm: Confirm): void {
    this.#reloads.confirmBy(confirm);
  }

  /** The values that a reload is about to swap in, while that is being confirmed. */
  get candidate(): Settings | undefined {
    return this.#reloads.candidate;
  }

  /**
   * Ask every layer again and swap in the result, or change nothing. A dry run only tells.
   * Calls that come at once share one reload.
   * @throws {ConfigError} when the candidate is not valid
   */
  reload(options: ReloadOptions = {}): Promise<ReloadResult> {
    return this.#reloads.ask(options);
  }

  /** Resolves when the reloads that were asked for are over, however they went. */
  settled(): Promise<void> {
    return this.#reloads.settled();
  }

  /** Mask a text with what is known of secrets in general and of the ones in use. */
  redact(text: string): string {
    const { loaded } = this.#reloads.state;
    if (this.#redactor?.loaded !== loaded) {
      this.#redactor = { loaded, redact: createRedactor(secretTexts(loaded)) };
    }
    return this.#redactor.redact(text);
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
