import { setTimeout as wait } from 'node:timers/promises';
import { type RequestHandler, Router } from 'express';
import type { Logger } from 'pino';

const ANSWER_WITHIN_MS = 2_000;
const KEEP_MS = 500;

export interface Readiness {
  /** Whether load balancers should send requests here: asked of every check, at most twice a second. */
  isReady(): Promise<boolean>;
  /** Ready only while this check does not fail. */
  addCheck(name: string, check: () => Promise<unknown>): void;
  /** Not ready from now on: the process is about to end. */
  drain(): void;
}

/** A new app is ready; a draining one never is again. */
export function createReadiness(log: Logger): Readiness {
  const checks = new Map<string, () => Promise<unknown>>();
  const failing = new Set<string>();
  let draining = false;
  let last = { at: 0, result: Promise.resolve(true) };

  const passes = async ([name, check]: [string, () => Promise<unknown>]): Promise<boolean> => {
    const late = wait(ANSWER_WITHIN_MS, false, { ref: false });
    const passed = await Promise.race([
      check().then(
        () => true,
        () => false,
      ),
      late,
    ]);
    if (passed === failing.has(name)) log.warn({ check: name }, passed ? 'back' : 'away');
    if (passed) failing.delete(name);
    else failing.add(name);
    return passed;
  };
  const ask = async () => (await Promise.all([...checks].map(passes))).every(Boolean);
  return {
    async isReady() {
      if (draining) return false;
      if (Date.now() - last.at > KEEP_MS) last = { at: Date.now(), result: ask() };
      return (await last.result) && !draining;
    },
    addCheck: (name, check) => void checks.set(name, check),
    drain: () => {
      draining = true;
    },
  };
}

/** `/livez` says that the process answers, `/readyz` that it wants requests. */
export function health(readiness: Readiness): Router {
  const answer =
    (isWell: () => boolean | Promise<boolean>): RequestHandler =>
    async (_req, res) => {
      const well = await isWell();
      res
        .status(well ? 200 : 503)
        .set('Cache-Control', 'no-store')
        .json({ status: well ? 'ok' : 'unavailable' });
    };
  return Router()
    .get(
      '/livez',
      answer(() => true),
    )
    .get(
      '/readyz',
      answer(() => readiness.isReady()),
    );
}
