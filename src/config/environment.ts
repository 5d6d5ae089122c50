import { nearest } from './did-you-mean.ts';
import { ENVIRONMENT_NAMES, type EnvironmentName, type Origin, type Problem } from './model.ts';
import { ConfigError } from './problem.ts';
import { variableSource } from './variables.ts';

const ALIASES = new Map<string, EnvironmentName>([
  ...ENVIRONMENT_NAMES.map((name) => [name, name] as const),
  ['dev', 'development'],
  ['test', 'testing'],
  ['prod', 'production'],
]);

export interface ChosenEnvironment {
  readonly name: EnvironmentName;
  /** What chose it, as `origin('ENV')` shows it. */
  readonly origin: Origin;
}

/**
 * Find the environment: the argument, then APP_ENV, ENV, NODE_ENV, then development.
 * @throws {ConfigError} for a name that is no environment, or a `.env` that chooses another one
 */
export function chooseEnvironment(
  argument: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
  dotenvNames: ReadonlySet<string> = new Set(),
): ChosenEnvironment {
  // Empty counts: a script's variable that is not set must not check another environment.
  if (argument !== undefined) {
    const name = parseName(argument, 'The environment given to createApp or --env');
    return { name, origin: { layer: 'override', source: 'argument' } };
  }
  for (const key of ['APP_ENV', 'ENV', 'NODE_ENV']) {
    const text = variables[key];
    // Shells use ENV for a file name of their own.
    if (!text || (key === 'ENV' && !ALIASES.has(text.toLowerCase()))) continue;
    const name = parseName(text, key);
    const origin = variableSource(key, dotenvNames);
    if (dotenvNames.has(key) && name !== 'development') {
      const reason = 'in .env names another environment than development';
      const remedy = 'take it out: .env is for development alone; set a real variable elsewhere';
      throw refusal({ key, reason, origin, remedy });
    }
    return { name, origin: { layer: 'env', source: origin } };
  }
  return { name: 'development', origin: { layer: 'class', source: 'default' } };
}

function parseName(text: string, key: string): EnvironmentName {
  const name = ALIASES.get(text.toLowerCase());
  if (name !== undefined) return name;
  const near = nearest(text, ALIASES.keys());
  const hint = near === undefined ? '' : `did you mean ${near}? `;
  const remedy = `${hint}use one of ${ENVIRONMENT_NAMES.join(', ')} (or dev, test, prod)`;
  throw refusal({ key, reason: 'names no environment', remedy });
}

function refusal(problem: Problem): ConfigError {
  return new ConfigError('The environment cannot be chosen:', [problem]);
}
