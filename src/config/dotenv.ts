import { existsSync, readFileSync } from 'node:fs';
import { chooseEnvironment } from './environment.ts';
import type { Problem } from './model.ts';
import { ConfigError } from './problem.ts';

/**
 * Read `.env` in the current folder into `variables`, in development only; a variable that is
 * really set stays as it is. `names` are the variables that the file set.
 * @throws {ConfigError} when the real variables choose no valid environment, the file another one
 *   than development, or when it cannot be read
 */
export async function readDotenv(
  environment: string | undefined,
  variables: Record<string, string | undefined>,
  path = '.env',
): Promise<{ names: ReadonlySet<string>; warnings: readonly Problem[] }> {
  const text = existsSync(path) ? readText(path) : '';
  // `npm run dev` makes an empty one to watch.
  if (text.trim() === '') return { names: new Set(), warnings: [] };
  const { parse, populate } = await import('dotenv');
  const parsed = parse(text);
  const all = new Set(Object.keys(parsed));
  if (all.size === 0) return { names: all, warnings: [] };
  // The argument first: where it says enough, nobody asks what the variables say.
  const isElsewhere = [environment, undefined].some(
    (argument) => chooseEnvironment(argument, variables).name !== 'development',
  );
  if (isElsewhere) {
    const reason = 'is for development alone and was not read';
    const remedy = 'remove it here, and set real variables or secret files';
    return { names: new Set(), warnings: [{ key: path, reason, remedy }] };
  }
  chooseEnvironment(undefined, parsed, all);
  const names = new Set(all.values().filter((name) => variables[name] === undefined));
  populate(variables as NodeJS.ProcessEnv, parsed, { override: false });
  return { names, warnings: [] };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    const remedy = 'make it a file that this user can read, or remove it';
    throw new ConfigError('The variables cannot be read:', [
      { key: path, reason: 'cannot be read', remedy },
    ]);
  }
}
