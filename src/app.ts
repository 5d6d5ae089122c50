import express, { type Express } from 'express';
import type { Logger } from 'pino';
import sql from 'sql-template-tag';
import { AppConfig } from './config/app-config.ts';
import { loadConfig } from './config/load.ts';
import { processEnvironment } from './config/process-env.ts';
import { assertNotStale, keepFresh } from './config/refresh.ts';
import type { SettingsInput } from './config/schema.ts';
import { auditReloads } from './database/audit/reloads.ts';
import type { AuditTrail } from './database/audit/trail.ts';
import { connectDatabase } from './database/connect.ts';
import type { Database } from './database/database.ts';
import { openRedis } from './database/redis.ts';
import { flagState } from './flags/request.ts';
import { createFlagStore, type FlagStore } from './flags/store.ts';
import { assets } from './http/assets.ts';
import { crossOrigin } from './http/cors.ts';
import { errorHandler, notFound } from './http/errors.ts';
import { securityHeaders } from './http/headers.ts';
import { createReadiness, livez, type Readiness, readyz } from './http/health.ts';
import { accessLog, createLog } from './http/log.ts';
import { bodyLimit } from './http/validation.ts';

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
  readonly flags: FlagStore;
  readonly database: Database;
  readonly log: Logger;
  readonly readiness: Readiness;
  /** The audit trail, which the first to ask loads. */
  readonly openTrail: () => Promise<AuditTrail>;
  /** Each gives lines for the terminal of whoever starts the server, and for nobody else. */
  readonly greetings: (() => Promise<readonly string[]>)[];
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
  const closing = new AbortController();
  const request = {
    environment: env,
    processEnv: given.processEnv ?? processEnvironment(),
    dotenvNames: new Set(given.dotenvNames),
    instanceDir: given.instanceDir,
    overrides: { SECRETS_DIR: secretsDir, ...overrides },
    closing: closing.signal,
  };
  const since = Date.now();
  const config = new AppConfig(request, await loadConfig(request));
  const log = await createLog(config);
  const readiness = createReadiness(log);
  // What is opened is closed again, in reverse: when the app ends, or when it cannot be made.
  await using opened = new AsyncDisposableStack();
  const { database } = await connectDatabase(config);
  opened.defer(() => database.close());
  const redis = await openRedis(config);
  opened.defer(() => redis?.destroy());
  // While a Redis that holds flags alone is away, the app serves well.
  const sessionRedis = config.get('SESSION_STORE') === 'redis' ? redis : undefined;
  opened.defer(() => readiness.drain());
  readiness.addCheck('configuration', () => assertNotStale(config));
  readiness.addCheck('database', () => database.query(sql`SELECT 1`));
  if (sessionRedis !== undefined) readiness.addCheck('redis', () => sessionRedis.ping());
  const flags = await createFlagStore(config, database, redis);
  opened.defer(() => flags.close());
  const services: Services = {
    config,
    flags,
    database,
    log,
    readiness,
    openTrail: auditReloads(config, database, log),
    greetings: [],
    close: () => resources.disposeAsync(),
  };
  // Last, so that it ends first: a reload needs all of the above.
  opened.defer(keepFresh(config, request, log, since));
  opened.defer(() => closing.abort());

  const app = express();
  app.set('env', config.get('ENV'));
  app.set('trust proxy', config.get('TRUST_PROXY_HOPS'));
  app.set('x-powered-by', false);
  // Static files have theirs; to hash every other answer costs more than it saves.
  app.set('etag', false);

  app.use(accessLog(config, log));
  app.use(flagState(flags));
  app.use(securityHeaders(config));
  // CORS_ORIGINS may call what comes after it; the operator's door is for its own origin alone.
  app.use('/ops', (await import('./ops/door.ts')).door(services, sessionRedis, closing.signal));
  app.use(crossOrigin(config));
  app.use(bodyLimit(config));
  app.get('/livez', livez);
  app.get('/readyz', readyz(readiness));
  app.use('/assets', assets(config));
  // The demo and the door are loaded here, so that each goes with its folder and a line.
  app.use((await import('./demo/routes.ts')).demo(config));
  app.use(notFound);
  app.use(errorHandler(log));

  const resources = opened.move();
  return Object.assign(app, {
    locals: Object.assign(app.locals, services),
    [Symbol.asyncDispose]: services.close,
  });
}
