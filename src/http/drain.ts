import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { inTime } from '../config/in-time.ts';
import type { Readiness } from './health.ts';

const REAP_MS = 100;

/**
 * End a server without losing a request: not ready, every answer with `Connection: close`, serve on
 * for `drainMs` while load balancers turn away, then close, and drop connections as they turn idle.
 * Resolves to false where requests took longer than `timeoutMs` and were cut.
 */
export async function drain(
  server: Server,
  readiness: Readiness,
  { drainMs, timeoutMs }: { drainMs: number; timeoutMs: number },
): Promise<boolean> {
  readiness.drain();
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
  await wait(drainMs);
  const closed = new Promise((resolve) => server.close(resolve));
  // Keep-alive clients hold their connections open, and close() waits for them.
  const reaper = setInterval(() => server.closeIdleConnections(), REAP_MS);
  const [{ status }] = await Promise.allSettled([inTime(closed, timeoutMs)]);
  clearInterval(reaper);
  server.closeAllConnections();
  return status === 'fulfilled';
}
