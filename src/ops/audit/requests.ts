import { setTimeout as wait } from 'node:timers/promises';
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import type { AppConfig } from '../../config/app-config.ts';
import { requestId } from '../../http/access-log.ts';
import { HttpProblem } from '../../http/problem.ts';
import { networkOf } from '../../http/rate-limit.ts';
import type { Operators } from '../operators.ts';
import type { AuditEvent } from './entry.ts';
import type { AuditTrail } from './trail.ts';

const MINUTE_MS = 60_000;
/** How many entries people without a login may cause in a minute. */
const STRANGERS_PER_MINUTE = 60;
/** How long (ms) a request waits for an entry that it does not depend on. */
const PATIENCE_MS = 2_000;

type Facts = Pick<AuditEvent, 'action' | 'target' | 'actor' | 'role' | 'detail'>;

/** The audit trail as requests write to it: who, from where and by which request comes by itself. */
export interface RequestAudit {
  /** Record what a request is about to do. @throws code `STORE_AWAY`: then it must not be done */
  record(req: Request, event: Facts): Promise<void>;
  /** Record, then do it; if that fails, record the failure too. @throws as `record`, and as `work` */
  change<T>(req: Request, event: Facts, work: () => T | Promise<T>): Promise<T>;
  /** Record that something was asked for and did not work. */
  failure(req: Request, event: Facts): Promise<void>;
  /** Record a login that fails, as far as strangers may fill the trail. @throws as `record` */
  failedLogin(req: Request, event: Pick<Facts, 'actor' | 'detail'>): Promise<void>;
  /** Record that a stranger was refused: for one reason, once per network and minute. */
  refusal(req: Request, reason: string, event?: Partial<Facts>): Promise<void>;
  /** Record every reader, at most once per session and minute. */
  readonly reads: RequestHandler;
  /** Record every refusal of an operator, and of who looks like one. */
  readonly refusals: ErrorRequestHandler;
}

export function auditRequests(
  trail: AuditTrail,
  operators: Operators,
  config: AppConfig,
): RequestAudit {
  const isFirst = firstInAMinute();
  const strangers = quota(STRANGERS_PER_MINUTE);

  const record = (req: Request, event: Facts, outcome: AuditEvent['outcome'] = 'done') => {
    const operator = operators.current(req);
    return trail.record({
      actor: operator?.username,
      role: operator?.role,
      address: req.ip,
      requestId: req.res && requestId(req.res),
      ...event,
      outcome,
    });
  };
  const recordStranger = async (req: Request, event: Facts) => {
    const left = strangers();
    if (left === undefined) return;
    const detail = left === 0 ? event.detail : { ...event.detail, notRecordedBefore: left };
    await record(req, { ...event, detail }, 'refused');
  };
  const refusal = async (req: Request, reason: string, event: Partial<Facts> = {}) => {
    if (!isFirst(`${networkOf(req)} ${reason}`)) return;
    const facts = { action: 'access', target: pathOf(req), detail: { reason }, ...event };
    await inPassing(recordStranger(req, facts));
  };
  const failure = (req: Request, event: Facts) => inPassing(record(req, event, 'failed'));
  return {
    record,
    failure,
    refusal,
    failedLogin: (req, event) =>
      recordStranger(req, { action: 'login', role: undefined, ...event }),
    async change(req, event, work) {
      await record(req, event);
      try {
        return await work();
      } catch (error) {
        await failure(req, event);
        throw error;
      }
    },
    async reads(req, _res, next) {
      if (isFirst(`${operators.current(req)?.username} ${req.sessionID}`)) {
        await inPassing(record(req, { action: 'config.read', target: pathOf(req) }));
      }
      next();
    },
    async refusals(error, req, _res, next) {
      const status = error instanceof HttpProblem ? error.status : 0;
      const isLogin = req.path === '/login';
      const hasCookie = req.headers.cookie?.includes(`${config.get('SESSION_COOKIE_NAME')}=`);
      if (status === 403 && operators.current(req) !== undefined) {
        const event = { action: 'access', target: pathOf(req), detail: { reason: '403' } };
        await inPassing(record(req, event, 'refused'));
      } else if (status === 429 && isLogin) {
        await refusal(req, '429', { action: 'login' });
      } else if (status === 403 || (status === 401 && hasCookie && !isLogin)) {
        await refusal(req, String(status));
      }
      next(error);
    },
  };
}

// What is refused or only read stays so, recorded or not; the trail has logged its failure.
async function inPassing(recording: Promise<void>): Promise<void> {
  const settled = recording.catch(() => undefined);
  await Promise.race([settled, wait(PATIENCE_MS, undefined, { ref: false })]);
}

// Without its query, which may hold anything.
function pathOf(req: Request): string {
  return `${req.method} ${req.originalUrl.replace(/\?.*/s, '')}`;
}

// Each call may be one more; tells how many could not since the last that could.
function quota(perMinute: number): () => number | undefined {
  let minute = { since: 0, used: 0 };
  let left = 0;
  return () => {
    if (Date.now() - minute.since >= MINUTE_MS) minute = { since: Date.now(), used: 0 };
    minute.used += 1;
    if (minute.used > perMinute) {
      left += 1;
      return undefined;
    }
    const before = left;
    left = 0;
    return before;
  };
}

function firstInAMinute(): (name: string) => boolean {
  let names = new Map<string, number>();
  let sweptAt = 0;
  return (name) => {
    const now = Date.now();
    if (now - sweptAt >= MINUTE_MS) {
      names = new Map([...names].filter(([, at]) => now - at < MINUTE_MS));
      sweptAt = now;
    }
    if (now - (names.get(name) ?? 0) < MINUTE_MS) return false;
    names.set(name, now);
    return true;
  };
}
