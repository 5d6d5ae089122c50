import express, { type Express, type RequestHandler } from 'express';
import { type Logger, pino } from 'pino';
import type { App } from '../../src/app.ts';
import { errorHandler, notFound } from '../../src/http/errors.ts';
import { securityHeaders } from '../../src/http/headers.ts';
import { accessLog } from '../../src/http/log.ts';
import { makeApp, PRODUCTION_VARS, type World } from '../support/app.ts';

export type Line = Record<string, unknown>;

/** Write the log's lines into a list instead of the standard output. */
export function captureLog(log: Logger): { raw: string[]; lines: () => Line[] } {
  const raw: string[] = [];
  Object.assign(log, { [pino.symbols.streamSym]: { write: (line: string) => raw.push(line) } });
  return { raw, lines: () => raw.map((line) => JSON.parse(line)) };
}

/** An app of the real middlewares around one route of the test's own, `/route`. */
export async function smallApp(route: RequestHandler, world: World = {}) {
  const full = await makeApp({ ...world, overrides: { LOG_LEVEL: 'info', ...world.overrides } });
  const { config, log } = full.locals;
  const captured = captureLog(log);
  const app: Express = express();
  app.set('env', config.get('ENV'));
  app.set('trust proxy', config.get('TRUST_PROXY_HOPS'));
  app.set('x-powered-by', false);
  app.use(accessLog(config, log), securityHeaders(config));
  app.use('/route', route);
  app.use(notFound, errorHandler(log));
  return { app, config, ...captured };
}

/** The full app, quiet, in an environment with all that it needs. */
export function makeQuietApp(env: string, overrides: Record<string, unknown> = {}): Promise<App> {
  return makeApp({ env, vars: PRODUCTION_VARS, overrides: { LOG_LEVEL: 'silent', ...overrides } });
}
