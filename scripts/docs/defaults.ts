import { loadConfig } from '../../src/config/load.ts';
import { maskSetting, showValue } from '../../src/config/mask.ts';
import { ENVIRONMENT_NAMES, type EnvironmentName } from '../../src/config/model.ts';
import { declaration } from '../../src/config/schema.ts';

/** What the environment classes alone give each key, as text; nothing where they give nothing. */
export type Defaults = Record<EnvironmentName, (key: string) => string | undefined>;

/** Load every environment, and keep what its class said: this machine may hold real secrets. */
export async function readDefaults(): Promise<Defaults> {
  const entries = ENVIRONMENT_NAMES.map(async (environment) => {
    const { contributions } = await loadConfig({
      environment,
      processEnv: {},
      dotenvNames: new Set(),
      instanceDir: import.meta.dirname,
      overrides: {},
    });
    const own = (key: string) => contributions.get(key)?.find(({ layer }) => layer === 'class');
    const defaultOf = (key: string) => (key === 'ENV' ? environment : own(key)?.value);
    return [environment, (key: string) => describe(key, defaultOf(key))] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Defaults;
}

// The insecure key of development is no secret: it stands in the source.
function describe(key: string, value: unknown): string | undefined {
  const declared = declaration(key);
  if (value === undefined || declared === undefined) return undefined;
  return showValue(declared.visibility === 'secret' ? value : maskSetting(declared, value));
}
