import type { Server } from 'node:http';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { isatty } from 'node:tty';
import { type App, createApp } from './app.ts';
import { readDotenv } from './config/dotenv.ts';
import { ConfigError, describeFailure, summarizeProblem } from './config/problem.ts';
import { processEnvironment } from './config/process-env.ts';
import { drain } from './http/drain.ts';
import { createServer } from './http/node-http.ts';
import { developmentAdmin } from './ops/development-admin.ts';

// A diagnostic report would carry every variable of the environment.
if (process.report) process.report.excludeEnv = true;

try {
  const dotenv = readDotenv(undefined, processEnvironment());
  const app = await createApp(undefined, { dotenvNames: dotenv.names });
  const server = await listen(app);
  endWithSignals(app, server);
  for (const problem of [...dotenv.warnings, ...app.locals.config.warnings()]) {
    app.locals.log.warn(summarizeProblem(problem));
  }
  for (const { notice } of app.locals.flags.list()) if (notice) app.locals.log.warn(notice);
  announce(app, server);
  await tellDevelopmentAdmin(app);
  // Otherwise the cache is lost: a signal ends this process. (See docs of node:module.)
  flushCompileCache();
} catch (error) {
  console.error(describeFailure(error, 'Strata could not start.'));
  process.exit(1);
}

async function listen(app: App): Promise<Server> {
  const { HOST, PORT, REQUEST_TIMEOUT_MS } = app.locals.config.snapshot;
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 65_000 },
    app,
  );
  server.headersTimeout = Math.min(REQUEST_TIMEOUT_MS, 60_000);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, HOST, PORT)));
    server.listen(PORT, HOST, () => resolve(server));
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ConfigError {
  const taken = error.code === 'EADDRINUSE';
  return new ConfigError('The server cannot start:', [
    {
      key: 'PORT',
      reason: taken ? `${port} is already in use on ${host}` : `${port} on ${host}: ${error.code}`,
      remedy: taken
        ? 'end the other program, or set PORT to another number (0 takes any free one)'
        : 'set HOST to an address of this machine and PORT to one that this user may open',
    },
  ]);
}

function announce(app: App, server: Server): void {
  const { config, log } = app.locals;
  const { HOST, SERVER_NAME, PREFERRED_URL_SCHEME } = config.snapshot;
  const { port } = server.address() as AddressInfo;
  const host = HOST === '0.0.0.0' || HOST === '::' ? 'localhost' : HOST;
  const url = SERVER_NAME
    ? `${PREFERRED_URL_SCHEME}://${SERVER_NAME}/`
    : `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  const chosenBy = config.origin('ENV')?.source;
  log.info(
    {
      environment: config.get('ENV'),
      chosenBy,
      version: config.version,
      sources: config.sources().map(({ source, status }) => `${source} ${status}`),
      url,
    },
    `${config.get('APP_NAME')} is ready: ${config.get('ENV')} (${chosenBy}), look at ${url}`,
  );
}

// Not a log line: a password belongs on the developer's terminal and nowhere else.
async function tellDevelopmentAdmin({ locals }: App): Promise<void> {
  const admin = await developmentAdmin(locals.config);
  if (admin !== undefined) {
    console.error(`Operate it at /ops: username ${admin.username}, password ${admin.password}`);
  }
}

function endWithSignals(app: App, server: Server): void {
  const { config, log, readiness, close } = app.locals;
  let ending = false;
  const end = async (signal: string) => {
    // Whoever asks twice does not want to wait.
    if (ending) process.exit(1);
    ending = true;
    const { SHUTDOWN_DRAIN_MS: drainMs, SHUTDOWN_TIMEOUT_MS: timeoutMs } = config.snapshot;
    log.info({ signal, drainMs, timeoutMs }, 'draining');
    const clean = await drain(server, readiness, { drainMs, timeoutMs });
    await close();
    log.info(clean ? 'ended' : 'ended: some requests took too long and were cut');
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('SIGHUP', () => {
    // A terminal that was closed sends it, too, and leaves nobody to serve.
    if (process.stdout.isTTY && !isatty(1)) void end('SIGHUP');
    // How it went is in the log.
    else void config.reload({ by: 'SIGHUP' }).catch(() => undefined);
  });
}
