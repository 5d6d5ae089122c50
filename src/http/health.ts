import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { inTime } from '../config/in-time.ts';

const ANSWER_WITHIN_MS = 2_000;
const KEEP_MS = 500;

export type Readiness = ReturnType<typeof createReadiness>;

/** A new app is ready; a draining one never is again. */
export function createReadiness(log: Logger) {
  const checks: { name: string; check: () => Promise<unknown>; passed: boolean }[] = [];
  let draining = false;
  let last = { at: 0, result: Promise.resolve([true]) };

  const passes = async (one: (typeof checks)[number]): Promise<boolean> => {
    const [{ status }] = await Promise.allSettled([inTime(one.check(), ANSWER_WITHIN_MS)]);
    const passed = status === 'fulfilled';
    if (passed !== one.passed) log.warn({ check: one.name }, passed ? 'back' : 'away');
    one.passed = passed;
    return passed;
  };
  return {
    /** Whether load balancers should send requests here: every check is asked, at most twice a second. */
    async isReady(): Promise<boolean> {
      if (draining) return false;
      const isOld = Date.now() - last.at > KEEP_MS;
      if (isOld) last = { at: Date.now(), result: Promise.all(checks.map(passes)) };
      return (await last.result).every(Boolean) && !draining;
    },
    /** Ready only while this check does not fail. */
    addCheck(name: string, check: () => Promise<unknown>): void {
      checks.push({ name, check, passed: true });
    },
    /** Not ready from now on: the process is about to end. */
    drain(): void {
      draining = true;
    },
  };
}

/** `/livez`: the process answers. It depends on nothing. */
export const livez: RequestHandler = (_req, res) => answer(res, true);

/** `/readyz`: the process wants requests. */
export function readyz(readiness: Readiness): RequestHandler {
  return async (_req, res) => answer(res, await readiness.isReady());
}

function answer(res: Response, isWell: boolean): void {
  res.status(isWell ? 200 : 503).set('Cache-Control', 'no-store');
  res.json({ status: isWell ? 'ok' : 'unavailable' });
}
