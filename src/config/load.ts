import { type ChosenEnvironment, chooseEnvironment } from './environment.ts';
import { checkGate } from './gate.ts';
import { keepKnownKeys } from './known-keys.ts';
import { LAYERS, type Layer, STAGES } from './layers.ts';
import { mergeSaid } from './merge.ts';
import type {
  Contribution,
  Contributions,
  LayerContext,
  LayerName,
  LayerResult,
  Problem,
  SourceStatus,
} from './model.ts';
import type { PlainObject } from './plain.ts';
import { validate } from './validate.ts';

/** What a configuration is loaded for, and from. */
export interface LoadRequest extends Omit<LayerContext, 'environment' | 'previous' | 'setting'> {
  readonly environment: string | undefined;
}

/** Everything one load found out, valid or not. It holds secrets in plain: see `view.ts`. */
export interface Loaded {
  readonly chosen: ChosenEnvironment;
  readonly contributions: Contributions;
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
export async function loadConfig(request: LoadRequest, previous?: Loaded): Promise<Loaded> {
  const chosen = previous?.chosen ?? chooseEnvironment(request);
  const results = new Map<LayerName, LayerResult>();
  const setting = (key: string) => {
    const said = inOrder(results).filter((one) => one.key === key);
    return { value: mergeSaid(said), origin: said.at(-1) };
  };
  const context = { ...request, environment: chosen.name, setting };
  for (const stage of STAGES) {
    const layers = LAYERS.filter((layer) => layer.stage === stage);
    const ask = async ({ name, load }: Layer) =>
      results.set(name, await load({ ...context, previous: previous?.results.get(name) }));
    await Promise.all(layers.map(ask));
  }

  const ignored = setting('APP_IGNORE').value;
  const { known, ...unknown } = keepKnownKeys(inOrder(results), chosen.name, ignored);
  const contributions = withDerived(known, chosen);
  const values = mergeAll(contributions);
  const origin = (key: string) => contributions.get(key)?.at(-1);
  const verdict = checkGate({ environment: chosen.name, values, origin });
  const faults = [...results].flatMap(([layer, { problems = [] }]) =>
    problems.map((problem) => ({ ...problem, layer })),
  );
  // A value that a layer could not read is missing here; one report of it is enough.
  const invalid = validate(values, contributions).filter(
    ({ key, reason }) => reason !== 'is not set' || !faults.some((fault) => fault.key === key),
  );
  return {
    chosen,
    contributions,
    values,
    problems: [
      ...faults.map(({ layer, ...problem }) => withShadows(problem, contributions, layer)),
      ...unknown.problems,
      ...[...invalid, ...verdict.problems].map((one) => withShadows(one, contributions)),
    ],
    warnings: [
      ...results.values().flatMap(({ warnings = [] }) => warnings),
      ...unknown.warnings,
      ...verdict.warnings,
    ],
    sources: LAYERS.flatMap(({ name }) => statusesOf(name, results.get(name))),
    results,
  };
}

function inOrder(results: ReadonlyMap<LayerName, LayerResult>): Contribution[] {
  return LAYERS.flatMap(({ name }) => results.get(name)?.contributions ?? []);
}

function mergeAll(contributions: Contributions): PlainObject {
  return Object.fromEntries([...contributions].map(([key, said]) => [key, mergeSaid(said)]));
}

// ENV follows the choice; LOG_LEVEL follows TESTING and DEBUG, unless somebody set it.
function withDerived(known: Contributions, { name, origin }: ChosenEnvironment): Contributions {
  const derived = new Map(known).set('ENV', [{ ...origin, key: 'ENV', value: name }]);
  const [first, ...others] = known.get('LOG_LEVEL') ?? [];
  if (first?.layer !== 'class') return derived;
  const isOn = (key: string) => mergeSaid(known.get(key) ?? []) === true;
  const quieter = isOn('DEBUG') ? 'debug' : first.value;
  const value = isOn('TESTING') ? 'silent' : quieter;
  return derived.set('LOG_LEVEL', [{ ...first, value }, ...others]);
}

// What a faulty value hides: the lower layers' say, from the origin down, or from the layer down
// where the value could not be read.
function withShadows(problem: Problem, contributions: Contributions, layer?: LayerName): Problem {
  const said = contributions.get(problem.key.split('.')[0] ?? '') ?? [];
  const order = LAYERS.map(({ name }) => name);
  const above =
    layer === undefined
      ? said.findLastIndex(({ source }) => source === problem.origin)
      : said.findIndex((one) => order.indexOf(one.layer) >= order.indexOf(layer));
  const lower = said.slice(0, above === -1 ? undefined : above);
  if (problem.origin === undefined || lower.length === 0) return problem;
  return { ...problem, shadows: lower.map(({ source }) => source).reverse() };
}

function statusesOf(
  layer: LayerName,
  { contributions, sources }: LayerResult = { contributions: [], sources: [] },
): SourceStatus[] {
  const loadedAt = Date.now();
  return sources.map((status) => {
    const own = contributions.filter(
      ({ value, source }) =>
        value !== undefined && (sources.length === 1 || source.startsWith(status.source)),
    );
    const keys = new Set(own.map(({ key }) => key)).size;
    return { layer, keys, attempts: 1, loadedAt, ...status };
  });
}
