import { type FlagValue, flagValue } from '../../config/keys/flags.ts';

/** The last change of one flag, in force or not. */
export interface StoredOverride {
  readonly name: string;
  /** Nothing where the override was taken back. */
  readonly value?: FlagValue;
  readonly by: string;
  /** When, in ms since the epoch. */
  readonly at: number;
  readonly reason?: string;
  /** When it ends by itself, in ms since the epoch. */
  readonly until?: number;
  /** Grows with every change of the flag. */
  readonly revision: number;
}

export interface OverrideChange extends Omit<StoredOverride, 'revision'> {
  /** Refuse the change when the flag's revision is another one. */
  readonly ifRevision?: number;
  /** The highest revision seen so far: a place that lost its data goes on from it. */
  readonly seen: number;
}

/** The place where overrides are kept. A call that rejects says that it is away. */
export interface OverrideStore {
  readonly name: 'memory' | 'database' | 'redis';
  load(): Promise<readonly StoredOverride[]>;
  /** Keep a change under the next revision. @throws {FlagRevisionError} */
  put(change: OverrideChange): StoredOverride | Promise<StoredOverride>;
  /** Give back what the place has lost; what it has newer stays. */
  restore(overrides: readonly StoredOverride[]): Promise<void>;
  /** Call `heard` whenever the set may be another one; the answer ends it. */
  subscribe(heard: () => void): () => void | Promise<void>;
}

/** Somebody else has changed the flag meanwhile. */
export class FlagRevisionError extends Error {
  readonly code = 'FLAG_REVISION';
}

/** Read a value that was written as JSON, by this version of the app or another one. */
export function readValue(text: string): FlagValue | undefined {
  return flagValue.safeParse(JSON.parse(text), { jitless: true }).data;
}
