import express, { type Express } from 'express';
import type { Logger } from 'pino';
import { AppConfig } from './config/app-config.ts';
import { loadConfig } from './config/load.ts';
import { processEnvironment } from './config/process-env.ts';
import type { SettingsInput } from './config/schema.ts';
import { accessLog } from './http/access-log.ts';
import { assets } from './http/assets.ts';
import { bodyLimit } from './http/body.ts';
import { crossOrigin } from './http/cors.ts';
import { errorHandler } from './http/errors.ts';
import { securityHeaders } from './http/headers.ts';
import { createReadiness, health, type Readiness } from './http/health.ts';
import { createLog } from './http/log.ts';
import { notFound } from './http/not-found.ts';

export interface AppOptions {
  /** Values that beat every other layer. */
  readonly overrides?: SettingsInput;
  /** The environment variables to read, instead of the process's own. */
  readonly processEnv?: Readonly<Record<string, string | undefined>>;
  /** The variables in `processEnv` that a `.env` file set. */
  readonly dotenvNames?: Iterable<string>;
  readonly instanceDir?: string;
  readonly secretsDir?: string;
}

/** What handlers find in `req.app.locals`. */
export interface Services {
  readonly config: AppConfig;
  readonly log: Logger;
  readonly readiness: Readiness;
  /** End timers, watchers and connections. */
  close(): Promise<void>;
}

export type App = Express & { locals: Services } & AsyncDisposable;

/**
 * Load the configuration and build the app: everything but the open port.
 * `env` is `development`, `testing`, `staging`, `production` or an alias; without it APP_ENV, ENV
 * and NODE_ENV choose.
 * @throws {ConfigError} listing every problem, when the configuration is not valid
 */
export async function createApp(env?: string, options: AppOptions = {}): Promise<App> {
  const { secretsDir, overrides, ...given } = options;
  const request = {
    environment: env,
    processEnv: given.processEnv ?? processEnvironment(),
    dotenvNames: new Set(given.dotenvNames),
    instanceDir: given.instanceDir,
    overrides: { ...(secretsDir === undefined ? {} : { SECRETS_DIR: secretsDir }), ...overrides },
  };
  const config = new AppConfig(request, await loadConfig(request));
  const log = await createLog(config);
  const readiness = createReadiness();
  const close = async () => readiness.drain();
  const services: Services = { config, log, readiness, close };

  const app = withServices(express(), services);
  app.set('env', config.get('ENV'));
  app.set('trust proxy', config.get('TRUST_PROXY_HOPS'));
  app.set('x-powered-by', false);

  app.use(accessLog(config, log));
  app.use(securityHeaders(config));
  app.use(await crossOrigin(config));
  app.use(bodyLimit(config));
  app.use(health(readiness));
  app.use('/assets', assets(config));
  // Loaded here, so that the demo goes with its folder and this line.
  app.use((await import('./demo/routes.ts')).demo(config));
  app.use(notFound);
  app.use(errorHandler(log));

  return app;
}

function withServices(app: Express, services: Services): App {
  const locals = Object.assign(app.locals, services);
  return Object.assign(app, { locals, [Symbol.asyncDispose]: services.close });
}
