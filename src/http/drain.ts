import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Readiness } from './health.ts';

interface DrainTimes {
  /** How long (ms) to keep serving while load balancers turn away. */
  readonly drainMs: number;
  /** The longest time (ms) after that for running requests to end. */
  readonly timeoutMs: number;
}

const REAP_MS = 100;

/**
 * End a server without losing a request: not ready, every answer with `Connection: close`, wait,
 * then close, and drop connections as they turn idle. Resolves to false where some had to be cut.
 */
export async function drain(
  server: Server,
  readiness: Readiness,
  { drainMs, timeoutMs }: DrainTimes,
): Promise<boolean> {
  readiness.drain();
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
  await wait(drainMs);
  const closed = new Promise<boolean>((resolve) => server.close(() => resolve(true)));
  // Keep-alive clients hold their connections open, and close() waits for them.
  const reaper = setInterval(() => server.closeIdleConnections(), REAP_MS);
  const limit = new AbortController();
  const timedOut = wait(timeoutMs, false, { signal: limit.signal }).catch(() => false);
  const clean = await Promise.race([closed, timedOut]);
  limit.abort();
  clearInterval(reaper);
  server.closeAllConnections();
  return clean;
}
