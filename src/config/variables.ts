import type { Key } from './key.ts';

/** The variables that set a key, the plainest first. */
export function variablesOf(name: string, { bare }: Pick<Key, 'bare'>): string[] {
  const own = bare || name.startsWith('APP_') ? [name] : [];
  return [...own, `APP_${name}`];
}
