import type { z } from 'zod';
import type { LayerName } from './model.ts';

/** One configuration key. Types, docs, masking and commands all derive from this declaration. */
export interface Key {
  readonly type: z.ZodType;
  /** One sentence for the reader of `docs/configuration.md`. */
  readonly doc: string;
  /** `dsn` is a URL with a password in it: shown with everything but host and database masked. */
  readonly visibility: 'public' | 'secret' | 'dsn';
  /** Members of a secret's objects that name somebody and are no secret themselves. */
  readonly publicMembers?: readonly string[];
  /** Whether a reload applies a new value, or only a restart does. */
  readonly reload: 'live' | 'restart';
  /** What of a value a reload cannot apply, where it can apply the rest. */
  readonly fixedPart?: (value: string) => string;
  /** Keys that only make sense together with it: while one of them waits for a restart, so does it. */
  readonly waitsWith?: readonly string[];
  /** The key's own name, without `APP_`, is read from the environment, and `NAME_FILE` too. */
  readonly bare?: true;
  /** Layers that cannot set it, because the key decides how they are loaded. */
  readonly notFrom?: readonly LayerName[];
}

export type Keys = Readonly<Record<string, Key>>;

export type DeepReadonly<T> = T extends object
  ? { readonly [P in keyof T]: DeepReadonly<T[P]> }
  : T;
