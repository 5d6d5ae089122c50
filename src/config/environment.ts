import { nearest } from './did-you-mean.ts';
import { ENVIRONMENT_NAMES, type EnvironmentName, type Origin } from './model.ts';
import { ConfigError } from './problem.ts';

const ALIASES = new Map<string, EnvironmentName>([
  ...ENVIRONMENT_NAMES.map((name) => [name, name] as const),
  ['dev', 'development'],
  ['test', 'testing'],
  ['prod', 'production'],
]);
const CHOOSERS = ['APP_ENV', 'ENV', 'NODE_ENV'] as const;

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
  dotenvNames: ReadonlySet<string>,
): ChosenEnvironment {
  if (argument !== undefined && argument !== '') {
    return {
      name: parseName(argument, 'The environment given to createApp or --env'),
      origin: { layer: 'override', source: 'argument' },
    };
  }
  for (const variable of CHOOSERS) {
    const text = variables[variable];
    if (!text) continue;
    // Shells use ENV for a file name of their own.
    if (variable === 'ENV' && !ALIASES.has(text.toLowerCase())) continue;
    const fromFile = dotenvNames.has(variable);
    const name = parseName(text, variable);
    if (fromFile && name !== 'development') throw notForDotenv(variable);
    return { name, origin: { layer: 'env', source: `${fromFile ? '.env' : 'env'} ${variable}` } };
  }
  return { name: 'development', origin: { layer: 'class', source: 'default' } };
}

function parseName(text: string, key: string): EnvironmentName {
  const name = ALIASES.get(text.toLowerCase());
  if (name !== undefined) return name;
  const near = nearest(text, ALIASES.keys());
  throw new ConfigError('The environment cannot be chosen:', [
    {
      key,
      reason: 'names no environment',
      remedy:
        (near === undefined ? '' : `did you mean ${near}? `) +
        `use one of ${ENVIRONMENT_NAMES.join(', ')} (or dev, test, prod)`,
    },
  ]);
}

function notForDotenv(variable: string): ConfigError {
  return new ConfigError('The environment cannot be chosen:', [
    {
      key: variable,
      reason: 'in .env names another environment than development',
      origin: `.env ${variable}`,
      remedy: 'take it out: .env is for development alone; set a real variable elsewhere',
    },
  ]);
}
