import type { FlagName } from '../../config/keys/flags.ts';
import type { FlagVendor, Vended } from '../vendor.ts';

type Listener = Parameters<FlagVendor['onChange']>[0];

/** What is known from a vendor at the moment, and how sure that is. */
export class Feed {
  readonly name: string;
  readonly #listeners = new Set<Listener>();
  #values: ReadonlyMap<FlagName, Vended> = new Map();
  #confirmedAt = Date.now();
  #reason: string | undefined = 'has not answered yet';

  constructor(name: string) {
    this.name = name;
  }

  values(): ReadonlyMap<FlagName, Vended> {
    return this.#values;
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): ReturnType<FlagVendor['status']> {
    return {
      source: this.name,
      status: this.#reason === undefined ? 'fresh' : 'stale',
      ageSeconds: Math.round((Date.now() - this.#confirmedAt) / 1000),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }

  /** The vendor has just said that the values are right. */
  confirm(): void {
    this.#confirmedAt = Date.now();
    this.#reason = undefined;
  }

  /** The values may be old; `reason` never holds a secret. */
  doubt(reason: string): void {
    this.#reason = reason;
  }

  /** Put other values in place, and tell which flags that changes. */
  replace(values: ReadonlyMap<FlagName, Vended>, changed: readonly FlagName[]): void {
    this.#values = values;
    if (changed.length === 0) return;
    for (const listener of this.#listeners) listener(changed);
  }
}

/** The words of whatever was thrown; they may hold a secret. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
