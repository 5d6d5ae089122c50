import { type ChosenEnvironment, chooseEnvironment } from './environment.ts';
import { checkGate } from './gate.ts';
import { keepKnownKeys } from './known-keys.ts';
import { LAYERS, type Layer, STAGES } from './layers.ts';
import { mergeSaid } from './merge.ts';
import {
  type Contributions,
  joinResults,
  type LayerContext,
  type LayerName,
  type LayerResult,
  type Problem,
  type SourceStatus,
} from './model.ts';
import type { PlainObject } from './plain.ts';
import { ConfigError } from './problem.ts';
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
  const { environment, processEnv, dotenvNames } = request;
  const chosen = previous?.chosen ?? chooseEnvironment(environment, processEnv, dotenvNames);
  const results = await askLayers(request, chosen, previous?.results);
  const { contributions: said, warnings = [] } = joinResults([...results.values()]);
  const { known, ...unknown } = keepKnownKeys(said, chosen.name);
  const contributions = withDerived(known, chosen, previous);
  const values = Object.fromEntries(
    contributions.entries().map(([key, all]) => [key, mergeSaid(all)]),
  );
  const invalid = validate(values, contributions);
  const gate = checkGate(chosen.name, values, contributions);
  const unread = [...results].flatMap(([layer, { problems = [] }]) =>
    problems.map((problem) => withShadows(problem, contributions, layer)),
  );
  const sources = [...results].flatMap(([layer, result]) => statusesOf(layer, result));
  // A store whose own settings are at fault was not asked, and may well hold what is missing.
  const isUnasked = sources.some(({ status, attempts }) => status === 'failed' && attempts === 0);
  // A value that a layer could not read is missing here; one report of it is enough.
  const isNews = ({ key, reason }: Problem) =>
    reason !== 'is not set' || !(isUnasked || unread.some((problem) => problem.key === key));
  const found = [...invalid.filter(isNews), ...gate.problems];
  return {
    chosen,
    contributions,
    values,
    problems: [
      ...unread,
      ...unknown.problems,
      ...found.map((problem) => withShadows(problem, contributions)),
    ],
    warnings: [...warnings, ...unknown.warnings, ...gate.warnings],
    sources,
    results,
  };
}

/** @throws {ConfigError} with every problem, where there is one */
export function assertValid({ chosen, problems, warnings }: Loaded): void {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  if (problems.length === 0) return;
  throw new ConfigError(`The configuration for ${chosen.name} has ${count}:`, problems, warnings);
}

async function askLayers(
  request: LoadRequest,
  { name: environment }: ChosenEnvironment,
  previous: Loaded['results'] | undefined,
): Promise<Map<LayerName, LayerResult>> {
  // In the order of precedence, whatever the order in which they are asked and answer.
  const results = new Map<LayerName, LayerResult>(
    LAYERS.map(({ name }) => [name, { contributions: [], sources: [] }]),
  );
  const setting = (key: string) => {
    const all = joinResults([...results.values()]).contributions;
    const said = all.filter((one) => one.key === key);
    return { value: mergeSaid(said), origin: said.at(-1) };
  };
  const ask = async ({ name, load }: Layer) => {
    const context = { ...request, environment, setting, previous: previous?.get(name) };
    results.set(name, await load(context));
  };
  for (const stage of STAGES) {
    await Promise.all(LAYERS.filter((layer) => layer.stage === stage).map(ask));
  }
  return results;
}

// ENV follows the choice; LOG_LEVEL follows TESTING and DEBUG, unless somebody set it.
function withDerived(
  known: Contributions,
  { name, origin }: ChosenEnvironment,
  previous: Loaded | undefined,
): Contributions {
  const derived = new Map(known).set('ENV', [{ ...origin, key: 'ENV', value: name }]);
  const [first, ...others] = known.get('LOG_LEVEL') ?? [];
  if (first?.layer !== 'class') return derived;
  const isOn = (key: string) => mergeSaid(known.get(key) ?? []) === true;
  // TESTING itself keeps its running value until a restart.
  const isTest = previous === undefined ? isOn('TESTING') : previous.values['TESTING'] === true;
  const quieter = isOn('DEBUG') ? 'debug' : first.value;
  const value = isTest ? 'silent' : quieter;
  return derived.set('LOG_LEVEL', [{ ...first, value }, ...others]);
}

// A faulty value hides what stands below its origin, or below its layer where it was not read.
function withShadows(problem: Problem, contributions: Contributions, layer?: LayerName): Problem {
  const said = contributions.get(problem.key.split('.')[0] ?? '') ?? [];
  const order = LAYERS.map(({ name }) => name);
  const height = layer === undefined ? order.length : order.indexOf(layer);
  const above = said.findIndex(
    (one) => one.source === problem.origin || order.indexOf(one.layer) >= height,
  );
  const shadows = said.slice(0, above === -1 ? undefined : above).map(({ source }) => source);
  if (problem.origin === undefined || shadows.length === 0) return problem;
  return { ...problem, shadows: shadows.reverse() };
}

function statusesOf(layer: LayerName, { contributions, sources }: LayerResult): SourceStatus[] {
  const loadedAt = Date.now();
  // The last place that an origin is or lies in; variables do not begin with theirs, their only one.
  const placeOf = (origin: string) =>
    sources.findLast(({ source }) =>
      ['/', '#'].some((end) => `${origin}${end}`.startsWith(`${source}${end}`)),
    ) ?? sources[0];
  return sources.map((status) => {
    const own = contributions.filter(
      ({ value, source }) => value !== undefined && placeOf(source) === status,
    );
    const keys = new Set(own.map(({ key }) => key)).size;
    return { layer, keys, attempts: 1, loadedAt, ...status };
  });
}
