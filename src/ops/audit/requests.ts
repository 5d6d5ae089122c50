import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import type { AppConfig } from '../../config/app-config.ts';
import { inTime } from '../../config/in-time.ts';
import type { AuditEvent } from '../../database/audit/entry.ts';
import type { AuditTrail } from '../../database/audit/trail.ts';
import { HttpProblem } from '../../http/errors.ts';
import { requestId } from '../../http/log.ts';
import { countByMinute, networkOf } from '../../http/rate-limit.ts';
import type { Operators } from '../operators.ts';

/** How many entries people without a login may cause in a minute. */
const STRANGERS_PER_MINUTE = 60;
/** How long (ms) a request waits for an entry that it does not depend on. */
const PATIENCE_MS = 2_000;

type Facts = Pick<AuditEvent, 'action' | 'target' | 'actor' | 'role' | 'detail'>;

export type RequestAudit = ReturnType<typeof auditRequests>;

/** The audit trail as requests write to it: who, from where and by which request comes by itself. */
export function auditRequests(trail: AuditTrail, operators: Operators, config: AppConfig) {
  const timesThisMinute = countByMinute();
  let notRecorded = 0;

  /** Record what a request is about to do. @throws {StoreAwayError} and then it must not be done */
  const record = (req: Request, event: Facts, outcome: AuditEvent['outcome'] = 'done') => {
    const operator = operators.current(req);
    const who = { actor: operator?.username, role: operator?.role, address: req.ip };
    const id = req.res && requestId(req.res);
    return trail.record({ ...who, requestId: id, ...event, outcome });
  };

  /** Record that something was asked for and did not work. */
  const failure = (req: Request, event: Facts) => inPassing(record(req, event, 'failed'));

  /** Record, then do it; if that fails, record the failure too. @throws as `record`, and as `work` */
  const change = async <T>(req: Request, event: Facts, work: () => Promise<T>): Promise<T> => {
    await record(req, event);
    return work().catch(async (error) => {
      await failure(req, event);
      throw error;
    });
  };

  const recordStranger = async (req: Request, event: Facts) => {
    if (timesThisMinute('strangers') > STRANGERS_PER_MINUTE) {
      notRecorded += 1;
      return;
    }
    const detail = { ...event.detail, notRecordedBefore: notRecorded || undefined };
    notRecorded = 0;
    await record(req, { ...event, detail }, 'refused');
  };

  /** Record a login that fails, as far as strangers may fill the trail. @throws as `record` */
  const failedLogin = (req: Request, event: Pick<Facts, 'actor' | 'detail'>) =>
    recordStranger(req, { action: 'login', actor: undefined, role: undefined, ...event });

  /** Record a refusal; those of strangers once per reason, network and minute. */
  const refusal = async (req: Request, reason: string, event: Partial<Facts> = {}) => {
    const facts: Facts = { action: 'access', target: pathOf(req), detail: { reason }, ...event };
    if (operators.current(req) !== undefined) await inPassing(record(req, facts, 'refused'));
    else if (timesThisMinute(`${networkOf(req)} ${reason}`) === 1)
      await inPassing(recordStranger(req, facts));
  };

  /** Record every reader, at most once per session and minute. */
  const reads: RequestHandler = async (req, _res, next) => {
    const reader = `${operators.current(req)?.username} ${req.sessionID}`;
    if (timesThisMinute(reader) === 1) {
      await inPassing(record(req, { action: 'config.read', target: pathOf(req) }));
    }
    next();
  };

  /** Record what operators are refused, and those who look like one. */
  const refusals: ErrorRequestHandler = async (error, req, _res, next) => {
    const status = error instanceof HttpProblem ? error.status : 0;
    // In every spelling that the router takes.
    const isLogin = /^\/login\/?$/i.test(req.path);
    const hasCookie = req.headers.cookie?.includes(`${config.get('SESSION_COOKIE_NAME')}=`);
    const isTold = isLogin ? status === 429 : status === 401 && hasCookie;
    const action = status === 429 ? 'login' : 'access';
    if (status === 403 || isTold) await refusal(req, String(status), { action });
    next(error);
  };

  return { record, failure, change, failedLogin, refusal, reads, refusals };
}

// What is refused or only read stays so, recorded or not; the trail has logged its failure.
async function inPassing(recording: Promise<void>): Promise<void> {
  await inTime(recording, PATIENCE_MS).catch(() => undefined);
}

// Without its query, which may hold anything.
function pathOf(req: Request): string {
  return `${req.method} ${req.originalUrl.replace(/\?.*/s, '')}`;
}
