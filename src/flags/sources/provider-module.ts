import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Provider } from '@openfeature/server-sdk';
import type { AppConfig } from '../../config/app-config.ts';
import { inTime, LateError } from '../../config/in-time.ts';
import { ConfigError } from '../../config/problem.ts';

const KEY = 'FLAGS_OPENFEATURE_PROVIDER';
const LOAD_WITHIN_MS = 10_000;

/**
 * The provider that the module named by FLAGS_OPENFEATURE_PROVIDER exports: a provider, a class of
 * providers, or a function of the configuration that makes one.
 * @throws {ConfigError} when there is none
 */
export async function loadProvider(config: AppConfig): Promise<Provider> {
  const named = config.get(KEY) ?? '';
  const isFile = /^\.{0,2}\//.test(named);
  const specifier = isFile ? pathToFileURL(resolve(config.instanceDir, named)).href : named;
  const make = async (): Promise<unknown> => {
    const { default: made } = await import(specifier);
    if (typeof made !== 'function') return made;
    return isProvider(made.prototype) ? Reflect.construct(made, []) : made(config);
  };
  let reason = 'exports neither a provider nor a function that makes one';
  try {
    const made = await inTime(make(), LOAD_WITHIN_MS);
    if (isProvider(made)) return made;
  } catch (error) {
    // A message may quote what the file holds.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const kind = code ?? (error instanceof Error ? error.name : 'it failed');
    reason = `cannot be loaded (${error instanceof LateError ? error.message : kind})`;
  }
  const remedy =
    'name a package, or a file in the instance folder, whose default export is a provider';
  const origin = config.origin(KEY)?.source ?? 'default';
  throw new ConfigError('The flag vendor cannot be used:', [{ key: KEY, reason, origin, remedy }]);
}

function isProvider(value: unknown): value is Provider {
  return typeof value === 'object' && value !== null && 'resolveBooleanEvaluation' in value;
}
