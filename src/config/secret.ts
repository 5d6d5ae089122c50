import { inspect } from 'node:util';
import { MASK } from './secret-name.ts';

/** A value that only `reveal()` gives away; printing it in any way shows its mask. */
export class Secret<T = string> {
  readonly #value: T;
  readonly #shown: string;

  /** `shown` is what every other way shows: `***`, or a URL with its secrets masked. */
  constructor(value: T, shown: string = MASK) {
    this.#value = value;
    this.#shown = shown;
  }

  /** The value itself: hand it to the one call that needs it and keep no copy. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return this.#shown;
  }

  toJSON(): string {
    return this.#shown;
  }

  [inspect.custom](): string {
    return this.#shown;
  }
}
