import { z } from 'zod';
import type { DeepReadonly } from '../../config/key.ts';
import { FLAG_NAMES, flagValue } from '../../config/keys/flags.ts';

/** The last one that a Date can tell, in ms since the epoch. */
export const LAST_MOMENT = 8.64e15;

const moment = z.int().min(0).max(LAST_MOMENT);

/** The last change of one flag, in force or not. */
const storedOverride = z.object({
  name: z.enum(FLAG_NAMES),
  /** Nothing where the override was taken back. */
  value: flagValue.optional(),
  by: z.string(),
  /** When, in ms since the epoch. */
  at: moment,
  reason: z.string().optional(),
  /** When it ends by itself, in ms since the epoch. */
  until: moment.optional(),
  /** Grows with every change of the flag. */
  revision: z.int().min(1),
});

export type StoredOverride = DeepReadonly<z.output<typeof storedOverride>>;

export interface OverrideChange extends Omit<StoredOverride, 'revision'> {
  /** Refuse the change when the flag's revision is another one. */
  readonly ifRevision?: number | undefined;
  /** The highest revision seen so far: a place that lost its data goes on from it. */
  readonly seen: number;
  /** In ms since the epoch: later it must not be kept, since whoever asked has been told so. */
  readonly deadline: number;
}

/** The place where overrides are kept. A call that rejects says that it is away. */
export interface OverrideStore {
  readonly name: 'memory' | 'database' | 'redis';
  load(): Promise<readonly StoredOverride[]>;
  /** Keep a change under the next revision. @throws {FlagRevisionError} */
  put(change: OverrideChange): StoredOverride | Promise<StoredOverride>;
  /** Call `heard` whenever the set may be another one; the answer ends it. */
  subscribe(heard: () => void): () => void | Promise<void>;
}

/** Somebody else has changed the flag meanwhile. */
export class FlagRevisionError extends Error {
  readonly code = 'FLAG_REVISION';
}

/** Check what a place has kept: another version of the app may have written it. None or one. */
export function readOverride(read: () => unknown): StoredOverride[] {
  try {
    const { data } = storedOverride.safeParse(read(), { jitless: true });
    return data === undefined ? [] : [data];
  } catch {
    return [];
  }
}
