import { AppConfig } from '../../src/config/app-config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ReloadReport } from '../../src/config/reload.ts';
import { type Placed, place, type World } from '../support/app.ts';

/** A world's configuration as an app sees it, without the app: nothing is connected to. */
export async function makeConfig(
  world: World = {},
  placed: Placed = place(world),
): Promise<AppConfig> {
  const request = {
    environment: world.env === null ? undefined : (world.env ?? 'testing'),
    processEnv: world.vars ?? {},
    dotenvNames: new Set(world.dotenvNames),
    instanceDir: placed.instanceDir,
    overrides: { SECRETS_DIR: placed.secretsDir, ...world.overrides },
  };
  return new AppConfig(request, await loadConfig(request));
}

/** A configuration whose variables a test may change, and what its reloads report. */
export async function running(world: World = {}) {
  const vars: Record<string, string> = { ...world.vars };
  const config = await makeConfig({ ...world, vars }, place(world));
  const reports: ReloadReport[] = [];
  config.onReload((report) => reports.push(report));
  return { config, vars, reports };
}
