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
  const none = { names: new Set<string>(), warnings: [] };
  if (!existsSync(path)) return none;
  const parsed = parse(readFileSync(path));
  // `npm run dev` makes an empty one to watch.
  if (Object.keys(parsed).length === 0) return none;
  const isElsewhere = (name: string | undefined) =>
    chooseEnvironment(name, variables, none.names).name !== 'development';
  // The argument first: where it says enough, nobody asks what the variables say.
  if (isElsewhere(environment) || isElsewhere(undefined)) {
    return { ...none, warnings: [notRead(path)] };
  }
  chooseEnvironment(undefined, parsed, new Set(Object.keys(parsed)));
  const names = Object.keys(parsed).filter((name) => variables[name] === undefined);
  populate(variables as NodeJS.ProcessEnv, parsed, { override: false });
  return { names: new Set(names), warnings: [] };
}

function notRead(path: string): Problem {
  return {
    key: path,
    reason: 'is for development alone and was not read',
    remedy: 'remove it here, and set real variables or secret files',
  };
}
