import { type ChosenEnvironment, chooseEnvironment } from './environment.ts';
import { checkGate } from './gate.ts';
import { keepKnownKeys } from './known-keys.ts';
import { LAYERS, STAGES } from './layers.ts';
import { mergeContributions } from './merge.ts';
import type {
  Contribution,
  LayerContext,
  LayerName,
  LayerResult,
  Problem,
  SourceStatus,
} from './model.ts';
import type { PlainObject } from './plain.ts';
import { validate } from './validate.ts';

export interface LoadRequest {
  readonly environment: string | undefined;
  readonly processEnv: Readonly<Record<string, string | undefined>>;
  readonly dotenvNames: ReadonlySet<string>;
  readonly instanceDir: string | undefined;
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** Everything one load found out, valid or not. It holds secrets in plain: see `view.ts`. */
export interface Loaded {
  readonly chosen: ChosenEnvironment;
  /** What every layer says about each key, lowest first. */
  readonly contributions: ReadonlyMap<string, readonly Contribution[]>;
  readonly values: PlainObject;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly sources: readonly SourceStatus[];
  /** What each layer gave, for its next load. */
  readonly results: ReadonlyMap<LayerName, LayerResult>;
}

/**
 * Ask every layer, merge, validate, gate. Faults of the configuration are returned, all of them.
 * `previous` is the running configuration at a reload.
 * @throws {ConfigError} only when the environment itself cannot be told
 */
export async function loadConfig(
  request: LoadRequest,
  chosen: ChosenEnvironment = chooseEnvironment(
    request.environment,
    request.processEnv,
    request.dotenvNames,
  ),
  previous?: Loaded,
): Promise<Loaded> {
  const results = new Map<LayerName, LayerResult>();
  const context: LayerContext = {
    ...request,
    environment: chosen.name,
    setting: (key) => ask(key, inOrder(results)),
  };
  for (const stage of STAGES) {
    const layers = LAYERS.filter((layer) => layer.stage === stage);
    await Promise.all(
      layers.map(async ({ name, load }) => {
        const last = previous?.results.get(name);
        results.set(
          name,
          await load(last === undefined ? context : { ...context, previous: last }),
        );
      }),
    );
  }

  const { known, ...unknown } = keepKnownKeys(
    inOrder(results),
    chosen.name,
    toList(context.setting('APP_IGNORE').value),
  );
  const contributions = withDerived(known, chosen);
  const values = mergeContributions(contributions);
  const verdict = checkGate({
    environment: chosen.name,
    values,
    origin: (key) => contributions.get(key)?.at(-1),
  });
  const read = [...results.values()];
  return {
    chosen,
    contributions,
    values,
    problems: [
      ...[...results].flatMap(([name, { problems = [] }]) =>
        problems.map((problem) => withShadows(problem, below(name, problem.key, contributions))),
      ),
      ...unknown.problems,
      ...withoutReported(validate(values, contributions), read),
      ...verdict.problems.map((problem) =>
        withShadows(problem, (contributions.get(problem.key) ?? []).slice(0, -1)),
      ),
    ],
    warnings: [
      ...read.flatMap(({ warnings }) => warnings ?? []),
      ...unknown.warnings,
      ...verdict.warnings,
    ],
    sources: sourceStatuses(results),
    results,
  };
}

function inOrder(results: ReadonlyMap<LayerName, LayerResult>): Contribution[] {
  return LAYERS.flatMap(({ name }) => results.get(name)?.contributions ?? []);
}

function ask(key: string, contributions: readonly Contribution[]) {
  const own = contributions.filter((contribution) => contribution.key === key);
  return { value: mergeContributions(new Map([[key, own]]))[key], origin: own.at(-1) };
}

// ENV follows the choice; LOG_LEVEL follows TESTING and DEBUG, unless somebody set it.
function withDerived(
  known: ReadonlyMap<string, readonly Contribution[]>,
  { name, origin }: ChosenEnvironment,
): ReadonlyMap<string, readonly Contribution[]> {
  const derived = new Map(known);
  derived.set('ENV', [{ ...origin, key: 'ENV', value: name }]);
  const [first, ...others] = known.get('LOG_LEVEL') ?? [];
  if (first?.layer === 'class') {
    const { TESTING, DEBUG } = mergeContributions(known);
    const value = TESTING === true ? 'silent' : DEBUG === true ? 'debug' : first.value;
    derived.set('LOG_LEVEL', [{ ...first, value }, ...others]);
  }
  return derived;
}

// What the lower layers say about the key that a layer's problem is about.
function below(
  layer: LayerName,
  path: string,
  contributions: ReadonlyMap<string, readonly Contribution[]>,
): readonly Contribution[] {
  const names = LAYERS.map(({ name }) => name);
  const said = contributions.get(path.split('.')[0] ?? '') ?? [];
  return said.filter((one) => names.indexOf(one.layer) < names.indexOf(layer));
}

function withShadows(problem: Problem, lower: readonly Contribution[]): Problem {
  if (problem.origin === undefined || lower.length === 0) return problem;
  return { ...problem, shadows: lower.map(({ source }) => source).reverse() };
}

// A value that a layer could not read is missing here; one report of it is enough.
function withoutReported(problems: Problem[], read: readonly LayerResult[]): Problem[] {
  const reported = new Set(read.flatMap((result) => result.problems ?? []).map(({ key }) => key));
  return problems.filter(({ key, reason }) => !(reason === 'is not set' && reported.has(key)));
}

function sourceStatuses(results: ReadonlyMap<LayerName, LayerResult>): SourceStatus[] {
  const loadedAt = Date.now();
  return LAYERS.flatMap(({ name }) => {
    const { contributions = [], sources = [] } = results.get(name) ?? {};
    return sources.map((status) => ({
      layer: name,
      keys: countKeys(contributions, sources.length > 1 ? status.source : undefined),
      attempts: 1,
      loadedAt,
      ...status,
    }));
  });
}

function countKeys(contributions: readonly Contribution[], source: string | undefined): number {
  const own = contributions.filter(
    (one) => one.value !== undefined && (source === undefined || one.source.startsWith(source)),
  );
  return new Set(own.map(({ key }) => key)).size;
}

function toList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
