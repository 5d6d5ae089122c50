import type { Change } from './difference.ts';
import type { KeyName } from './schema.ts';
import type { Shadowed } from './shadows.ts';

export interface ReloadResult {
  /** The version after the reload; a dry run leaves it as it was. */
  readonly version: number;
  readonly changes: readonly Change[];
  /** Changed keys that keep their running value until the app is started anew. */
  readonly restartRequired: readonly KeyName[];
  /** New values without effect, since a higher layer hides them. */
  readonly shadowed: readonly Shadowed[];
}

export interface ReloadOptions {
  /** Only tell what would change. */
  readonly dryRun?: boolean;
  /** Who or what asks for it, for the log. */
  readonly by?: string;
  /** Awaited before changes are swapped in; a throw refuses them. */
  readonly confirm?: (result: ReloadResult) => unknown;
}

/** How the last reload went. */
export interface LastReload {
  /** In ms since the epoch. */
  readonly at: number;
  readonly ok: boolean;
  readonly by: string;
  /** The keys with a new value. */
  readonly changed: readonly KeyName[];
}

/** A reload that ended, either way. */
export interface ReloadReport extends LastReload {
  readonly result?: ReloadResult;
  readonly error?: unknown;
}

export type Listener = (changed: readonly KeyName[]) => unknown;
export type ReportListener = (report: ReloadReport) => void;

type Work = (
  dryRun: boolean,
  confirm: (result: ReloadResult) => Promise<void>,
) => Promise<ReloadResult>;

/** Runs one reload after the other, and tells everybody who wants to know how it went. */
export class Reloads {
  readonly #work: Work;
  readonly #listeners = new Set<{ keys: ReadonlySet<string>; listener: Listener }>();
  readonly #reportListeners = new Set<ReportListener>();
  #running: Promise<unknown> = Promise.resolve();
  #next: { dryRun: boolean; asked: ReloadOptions[]; result: Promise<ReloadResult> } | undefined;
  #last: LastReload | undefined;

  constructor(work: Work) {
    this.#work = work;
  }

  get last(): LastReload | undefined {
    return this.#last;
  }

  onChange(keys: readonly KeyName[], listener: Listener): () => void {
    const entry = { keys: new Set(keys), listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  onReload(listener: ReportListener): void {
    this.#reportListeners.add(listener);
  }

  /**
   * Calls share a reload as long as it has not begun to read. One that comes later may know of
   * something newer, and gets the next.
   */
  ask(options: ReloadOptions): Promise<ReloadResult> {
    const { dryRun = false } = options;
    if (this.#next?.dryRun === dryRun) {
      this.#next.asked.push(options);
      return this.#next.result;
    }
    const asked = [options];
    const result = this.#running.then(() => {
      if (this.#next?.asked === asked) this.#next = undefined;
      return dryRun ? this.#work(true, async () => undefined) : this.#run(asked);
    });
    this.#running = result.catch(() => undefined);
    this.#next = { dryRun, asked, result };
    return result;
  }

  async #run(asked: readonly ReloadOptions[]): Promise<ReloadResult> {
    const by = [...new Set(asked.map((one) => one.by ?? 'the app'))].join(', ');
    const confirm = async (result: ReloadResult) => {
      for (const one of asked) await one.confirm?.(result);
    };
    const result = await this.#work(false, confirm).catch((error: unknown) => {
      this.#report({ ok: false, by, changed: [], error });
      throw error;
    });
    const changed = result.changes
      .map(({ key }) => key)
      .filter((key) => !result.restartRequired.includes(key));
    const error = await this.#tell(changed);
    this.#report({ ok: error === undefined, by, changed, result, error });
    if (error !== undefined) throw error;
    return result;
  }

  #report(report: Omit<ReloadReport, 'at'>): void {
    this.#last = { at: Date.now(), ...report };
    for (const listener of this.#reportListeners) listener(this.#last);
  }

  // One listener's failure must not keep the news from the others.
  async #tell(changed: readonly KeyName[]): Promise<AggregateError | undefined> {
    const told = [...this.#listeners].map(async ({ keys, listener }) => {
      const relevant = changed.filter((key) => keys.has(key));
      if (relevant.length > 0) await listener(relevant);
    });
    const failures = (await Promise.allSettled(told)).flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason] : [],
    );
    if (failures.length === 0) return undefined;
    const message = 'a configuration listener failed';
    return new AggregateError(failures, message, { cause: failures[0] });
  }
}
