import type { Key } from './key.ts';
import { declaration } from './schema.ts';

/** The variables that set a key, the plainest first. */
export function variablesOf(name: string, { bare }: Pick<Key, 'bare'>): string[] {
  const own = bare || name.startsWith('APP_') ? [name] : [];
  return [...own, `APP_${name}`];
}

/** How a variable is shown as an origin: `env PORT`, or `.env PORT` where the file set it. */
export function variableSource(name: string, dotenvNames: ReadonlySet<string>): string {
  return `${dotenvNames.has(name) ? '.env' : 'env'} ${name}`;
}

/** Where a person may set a key, in one phrase. */
export function howToSet(key: string): string {
  const declared = declaration(key);
  const variables = variablesOf(key, declared ?? {}).join(' or ');
  if (declared?.visibility === 'public') return `set ${variables}`;
  return `put it into the file ${key.toLowerCase()} in SECRETS_DIR, or set ${variables}`;
}
