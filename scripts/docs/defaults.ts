import { loadConfig } from '../../src/config/load.ts';
import { maskSetting, showValue } from '../../src/config/mask.ts';
import { ENVIRONMENT_NAMES, type EnvironmentName } from '../../src/config/model.ts';
import { declaration } from '../../src/config/schema.ts';

/** What the environment classes alone give each key, as text; nothing where they give nothing. */
export type Defaults = Record<EnvironmentName, (key: string) => string | undefined>;

/** Load every environment with nothing around it. */
export async function readDefaults(): Promise<Defaults> {
  const entries = ENVIRONMENT_NAMES.map(async (environment) => {
    const loaded = await loadConfig({
      environment,
      processEnv: {},
      dotenvNames: new Set(),
      instanceDir: import.meta.dirname,
      overrides: {},
    });
    return [environment, (key: string) => describe(key, loaded.values[key])] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Defaults;
}

// The insecure key of development is no secret: it stands in the source.
function describe(key: string, value: unknown): string | undefined {
  const declared = declaration(key);
  if (value === undefined || declared === undefined) return undefined;
  return showValue(declared.visibility === 'secret' ? value : maskSetting(declared, value));
}
