/** The layers' names, lowest first; `layers.ts` says what each one holds. */
export type LayerName =
  | 'class'
  | 'instance'
  | 'secret-files'
  | 'aws'
  | 'vault'
  | 'env'
  | 'app-env'
  | 'override';

/** Which layer gave a value, and where in it the value stands. */
export interface Origin {
  readonly layer: LayerName;
  readonly source: string;
}

/** What one source says about one key: already of the key's type, not yet validated. */
export interface Contribution extends Origin {
  readonly key: string;
  readonly value: unknown;
  /** When the source itself last changed the value, in ms since the epoch, where it tells. */
  readonly changedAt?: number | undefined;
}

/** What every layer says about each key, lowest first. */
export type Contributions = ReadonlyMap<string, readonly Contribution[]>;

/** One fault or warning, in words that never contain a value. */
export interface Problem {
  readonly key: string;
  readonly reason: string;
  readonly remedy: string;
  /** The source that supplied the value. */
  readonly origin?: string | undefined;
  /** The lower sources that the faulty value hides. */
  readonly shadows?: readonly string[];
  /** A source could not be asked, so nothing is known about its values. */
  readonly unreachable?: true;
}

/** How one place that was asked for values answered. */
export interface SourceStatus {
  readonly layer: LayerName;
  readonly source: string;
  /**
   * `stale`: it failed, and its last good values are used. `absent`: an optional place that is not
   * there. `off`: not configured.
   */
  readonly status: 'fresh' | 'stale' | 'absent' | 'failed' | 'off';
  /** How many keys it supplied. */
  readonly keys: number;
  readonly attempts: number;
  /** When the values in use were read, in ms since the epoch. */
  readonly loadedAt: number;
  /** Why it is stale or failed. */
  readonly reason?: string;
  /** When it is asked again, in ms since the epoch. */
  readonly nextTryAt?: number;
}

/** A store in use that is not on this machine. */
export function isRemote({ layer, status }: SourceStatus): boolean {
  return (layer === 'aws' || layer === 'vault') && status !== 'off';
}

/** A source that was asked and did not give what it should. */
export function isAway({ status }: SourceStatus): boolean {
  return status === 'stale' || status === 'failed';
}

export interface LayerResult {
  readonly contributions: readonly Contribution[];
  readonly problems?: readonly Problem[];
  readonly warnings?: readonly Problem[];
  /** What a layer does not tell of a source is counted for it. */
  readonly sources: readonly (Pick<SourceStatus, 'source' | 'status'> & Partial<SourceStatus>)[];
}

/** What several places of one layer give, lowest first. */
export function joinResults(results: readonly LayerResult[]): LayerResult {
  return {
    contributions: results.flatMap(({ contributions }) => contributions),
    problems: results.flatMap(({ problems = [] }) => problems),
    warnings: results.flatMap(({ warnings = [] }) => warnings),
    sources: results.flatMap(({ sources }) => sources),
  };
}

/** Everything a layer may look at; `setting` asks the layers that were loaded before it. */
export interface LayerContext {
  readonly environment: EnvironmentName;
  readonly processEnv: Readonly<Record<string, string | undefined>>;
  readonly dotenvNames: ReadonlySet<string>;
  readonly instanceDir: string | undefined;
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Ends what a layer keeps going between two loads. */
  readonly closing?: AbortSignal | undefined;
  /** At a reload: what the same layer gave to the running configuration. */
  readonly previous?: LayerResult | undefined;
  setting(key: string): { value: unknown; origin: Origin | undefined };
}

export const ENVIRONMENT_NAMES = ['development', 'testing', 'staging', 'production'] as const;
export type EnvironmentName = (typeof ENVIRONMENT_NAMES)[number];

/** Staging is production's rehearsal: the same rules hold in both. */
export function isProtected(environment: EnvironmentName): boolean {
  return environment === 'staging' || environment === 'production';
}
