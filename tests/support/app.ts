import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { type Loaded, loadConfig } from '../../src/config/load.ts';

/** What a test's app finds around it; nothing comes from the machine. */
export interface World {
  /** The environment; `null` lets the variables choose. */
  readonly env?: string | null;
  /** Environment variables. */
  readonly vars?: Record<string, string>;
  /** The variables among `vars` that came from `.env`. */
  readonly dotenvNames?: string[];
  /** Files of the instance folder by name. */
  readonly instance?: Record<string, string>;
  /** Files of the secrets folder by name. */
  readonly secrets?: Record<string, string>;
  /** Overrides, typed loosely so that tests can be wrong on purpose. */
  readonly overrides?: Record<string, unknown>;
}

export interface Placed {
  readonly instanceDir: string;
  readonly secretsDir: string;
}

/** What production needs to start: everything else has a default. */
export const PRODUCTION_VARS = {
  SECRET_KEY: 'Zk3vT0pQ8sLx1wYb5nRc7mHd2fJg9aUe4iOq6tVz',
  DATABASE_URL: 'sqlite::memory:',
};

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Write files, by their relative names, into a folder that goes with the test. */
export function placeFiles(files: Record<string, string> = {}): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o600);
  }
  return folder;
}

/** Put a world's files in place. */
export function place({ instance, secrets }: World): Placed {
  return { instanceDir: placeFiles(instance), secretsDir: placeFiles(secrets) };
}

/** Make an app that sees this world alone, and close it when the test ends. */
export async function makeApp(world: World = {}, placed: Placed = place(world)): Promise<App> {
  const app = await createApp(world.env === null ? undefined : (world.env ?? 'testing'), {
    processEnv: world.vars ?? {},
    dotenvNames: world.dotenvNames ?? [],
    overrides: world.overrides ?? {},
    ...placed,
  });
  onTestFinished(() => app.locals.close());
  return app;
}

/** Load this world's configuration, valid or not, without an app. */
export function loadWorld(world: World = {}, placed: Placed = place(world)): Promise<Loaded> {
  return loadConfig({
    environment: world.env === null ? undefined : (world.env ?? 'testing'),
    processEnv: world.vars ?? {},
    dotenvNames: new Set(world.dotenvNames),
    instanceDir: placed.instanceDir,
    overrides: { SECRETS_DIR: placed.secretsDir, ...world.overrides },
  });
}
