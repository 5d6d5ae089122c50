import { maskDsn } from './mask-url.ts';
import { deepFreeze, type PlainObject } from './plain.ts';
import { declarations, type Settings } from './schema.ts';
import { Secret } from './secret.ts';

/** Freeze validated values and wrap every one that must not be shown. */
export function createSettings(values: PlainObject): Settings {
  const settings = [...declarations()].map(([name, { visibility }]) => {
    const value = deepFreeze(structuredClone(values[name]));
    if (value === undefined || visibility === 'public') return [name, value];
    return [name, new Secret(value, visibility === 'dsn' ? maskDsn(String(value)) : undefined)];
  });
  // The schema has just accepted every value: this is where text from outside becomes typed.
  return Object.freeze(Object.fromEntries(settings)) as Settings;
}
