import { existsSync, readFileSync } from 'node:fs';
import { parse, populate } from 'dotenv';
import { chooseEnvironment } from './environment.ts';
import type { Problem } from './model.ts';

interface Dotenv {
  /** The variables that the file set, whose origin is shown as `.env NAME`. */
  readonly names: ReadonlySet<string>;
  readonly warnings: readonly Problem[];
}

/**
 * Read `.env` in the current folder into `variables`, in development only. A variable that is
 * really set stays as it is.
 * @throws {ConfigError} when the real variables choose no valid environment, or the file another
 *   one than development
 */
export function readDotenv(
  environment: string | undefined,
  variables: Record<string, string | undefined>,
  path = '.env',
): Dotenv {
  const none = new Set<string>();
  const parsed = existsSync(path) ? parse(readFileSync(path)) : {};
  // `npm run dev` makes an empty one to watch.
  if (Object.keys(parsed).length === 0) return { names: none, warnings: [] };
  const choose = (argument?: string) =>
    chooseEnvironment({ environment: argument, processEnv: variables, dotenvNames: none }).name;
  // The argument first: where it says enough, nobody asks what the variables say.
  if (choose(environment) !== 'development' || choose() !== 'development') {
    const reason = 'is for development alone and was not read';
    const remedy = 'remove it here, and set real variables or secret files';
    return { names: none, warnings: [{ key: path, reason, remedy }] };
  }
  const all = new Set(Object.keys(parsed));
  chooseEnvironment({ environment: undefined, processEnv: parsed, dotenvNames: all });
  const names = new Set(all.values().filter((name) => variables[name] === undefined));
  populate(variables as NodeJS.ProcessEnv, parsed, { override: false });
  return { names, warnings: [] };
}
