import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Provider } from '@openfeature/server-sdk';
import type { AppConfig } from '../../config/app-config.ts';
import { ConfigError } from '../../config/problem.ts';

/**
 * The provider that the module named by FLAGS_OPENFEATURE_PROVIDER exports.
 * @throws {ConfigError} when there is none
 */
export async function loadProvider(config: AppConfig): Promise<Provider> {
  const named = config.get('FLAGS_OPENFEATURE_PROVIDER') ?? '';
  const isFile = isAbsolute(named) || /^\.{1,2}\//.test(named);
  const specifier = isFile ? pathToFileURL(resolve(config.instanceDir, named)).href : named;
  let reason = 'exports neither a provider nor a function that makes one';
  try {
    const provider = await madeFrom((await import(specifier)).default, config);
    if (isProvider(provider)) return provider;
  } catch (error) {
    // A message may quote what the file holds.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    reason = `cannot be loaded (${String(code ?? (error instanceof Error ? error.name : 'it failed'))})`;
  }
  const source = config.origin('FLAGS_OPENFEATURE_PROVIDER')?.source;
  throw new ConfigError('The flag vendor cannot be used:', [
    {
      key: 'FLAGS_OPENFEATURE_PROVIDER',
      reason,
      ...(source === undefined ? {} : { origin: source }),
      remedy:
        'name a package, or a file in the instance folder, whose default export is a provider',
    },
  ]);
}

/** A module exports a provider, a class of providers, or a function of the configuration. */
function madeFrom(exported: unknown, config: AppConfig): unknown {
  if (typeof exported !== 'function') return exported;
  return isProvider(exported.prototype) ? Reflect.construct(exported, []) : exported(config);
}

function isProvider(value: unknown): value is Provider {
  return typeof value === 'object' && value !== null && 'resolveBooleanEvaluation' in value;
}
