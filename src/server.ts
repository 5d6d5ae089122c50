import { once } from 'node:events';
import type { Server } from 'node:http';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { isatty } from 'node:tty';
import { type App, createApp } from './app.ts';
import { readDotenv } from './config/dotenv.ts';
import { inTime } from './config/in-time.ts';
import type { Problem } from './config/model.ts';
import { ConfigError, describeFailure, summarizeProblem } from './config/problem.ts';
import { processEnvironment } from './config/process-env.ts';
import { drain } from './http/drain.ts';
import { createServer } from './http/node-http.ts';

// A diagnostic report would carry every variable of the environment.
if (process.report) process.report.excludeEnv = true;

const warnings: Problem[] = [];
process.on('uncaughtException', failToStart);

const dotenv = await readDotenv(undefined, processEnvironment());
warnings.push(...dotenv.warnings);
const app = await createApp(undefined, { dotenvNames: dotenv.names });
const greetings = await Promise.all(app.locals.greetings.map((greet) => greet()));
const server = await listen(app);
endWithSignals(app, server);
const { config, flags, log } = app.locals;
warnings.push(...config.warnings());
const notices = flags.list().flatMap(({ notice }) => notice ?? []);
for (const text of [...warnings.map(summarizeProblem), ...notices]) log.warn(text);
announce(app, server);
// Not log lines: a password belongs on the developer's terminal and nowhere else.
for (const line of greetings.flat()) console.error(line);
// Otherwise the cache is lost: a signal ends this process. (See docs of node:module.)
flushCompileCache();

// Node would print the message of an error, which may quote a secret.
function failToStart(error: unknown): never {
  console.error(describeFailure(error, 'Strata could not start.'));
  if (error instanceof ConfigError) warnings.push(...error.warnings);
  for (const warning of warnings) console.error(`warning: ${summarizeProblem(warning)}`);
  const isWatched = processEnvironment()['npm_lifecycle_event'] === 'dev';
  if (isWatched) console.error('Once that is corrected, save any file in src/, or start again.');
  process.exit(1);
}

async function listen(app: App): Promise<Server> {
  const { HOST, PORT, REQUEST_TIMEOUT_MS: requestTimeout } = app.locals.config.snapshot;
  const headersTimeout = Math.min(requestTimeout, 60_000);
  const server = createServer({ requestTimeout, headersTimeout, keepAliveTimeout: 65_000 }, app);
  try {
    await once(server.listen(PORT, HOST), 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isTaken = code === 'EADDRINUSE';
    const reason = isTaken ? `${PORT} is already in use on ${HOST}` : `${PORT} on ${HOST}: ${code}`;
    const remedy = isTaken
      ? 'end the other program, or set PORT to another number (0 takes any free one)'
      : 'set HOST to an address of this machine and PORT to one that this user may open';
    throw new ConfigError('The server cannot start:', [{ key: 'PORT', reason, remedy }]);
  }
  return server;
}

function announce(app: App, server: Server): void {
  const { config, log } = app.locals;
  const { APP_NAME, ENV: environment, HOST, ...snapshot } = config.snapshot;
  const { port } = server.address() as AddressInfo;
  const host = HOST === '0.0.0.0' || HOST === '::' ? 'localhost' : HOST;
  const url = snapshot.SERVER_NAME
    ? `${snapshot.PREFERRED_URL_SCHEME}://${snapshot.SERVER_NAME}/`
    : `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  const chosenBy = config.origin('ENV')?.source;
  const sources = config.sources().map(({ source, status }) => `${source} ${status}`);
  log.info(
    { environment, chosenBy, version: config.version, sources, url },
    `${APP_NAME} is ready: ${environment} (${chosenBy}), look at ${url}`,
  );
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
    const deadline = performance.now() + drainMs + timeoutMs;
    const clean = await drain(server, readiness, { drainMs, timeoutMs });
    // A service that hangs must not hold the process; it gets what the requests left of the time.
    const leftMs = Math.max(1_000, deadline - performance.now());
    await inTime(close(), leftMs).catch((err) => log.warn({ err }, 'a service was not closed'));
    log.info(clean ? 'ended' : 'ended: some requests took too long and were cut');
    process.exit(0);
  };
  process.off('uncaughtException', failToStart).on('uncaughtException', (error) => {
    const text = describeFailure(error, 'Strata ended by an error that nobody caught.');
    // Not the message: where it comes from config.ts its secrets need not be known here.
    log.fatal({ err: text }, 'ended by an error that nobody caught');
    console.error(text);
    process.exit(1);
  });
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('SIGHUP', () => {
    // A terminal that was closed sends it, too, and leaves nobody to serve.
    if (process.stdout.isTTY && !isatty(1)) void end('SIGHUP');
    // How it went is in the log.
    else void config.reload({ by: 'SIGHUP' }).catch(() => undefined);
  });
}
