import { type Request, type RequestHandler, Router } from 'express';
import type { Store } from 'express-session';
import type { AppConfig } from '../config/app-config.ts';
import type { Database } from '../database/database.ts';
import type { FlagStore } from '../flags/store.ts';
import { sameSiteOnly } from '../http/csrf.ts';
import { notFound } from '../http/not-found.ts';
import { type CounterStore, requestLimit } from '../http/rate-limit.ts';
import { sessions } from '../http/session.ts';
import { hidden, loggedIn } from './access.ts';
import { auditRequests } from './audit/requests.ts';
import { auditRoutes } from './audit/routes.ts';
import type { AuditTrail } from './audit/trail.ts';
import { developmentAdmin } from './development-admin.ts';
import { flagRoutes } from './flags.ts';
import { opsHeaders } from './headers.ts';
import { login } from './login.ts';
import { createOperators, type Operators } from './operators.ts';
import { reloadRoute } from './reload.ts';
import { signedRequests } from './signed-requests.ts';
import { problemPages, viewRoutes } from './views.ts';

interface OpsParts {
  readonly config: AppConfig;
  readonly flags: FlagStore;
  readonly database: Database;
  readonly audit: AuditTrail;
  /** Opened with the first request, like everything here. */
  openSessions(): Promise<Store>;
  openCounters(): Promise<CounterStore | undefined>;
}

/** The operator's door: everything below `/ops`. */
export async function ops({ config, flags, database, ...parts }: OpsParts): Promise<Router> {
  const [sessionStore, counters] = await Promise.all([parts.openSessions(), parts.openCounters()]);
  const operators = createOperators(config, await developmentAdmin(config));
  const audit = auditRequests(parts.audit, operators, config);
  const onRefusal = (req: Request, reason: string, key?: string) =>
    audit.refusal(req, reason, key === undefined ? {} : { actor: `machine:${key}` });
  return Router()
    .use(hidden(config, operators))
    .use(opsHeaders(config))
    .use(problemPages(config, operators))
    .use(requestLimit(config, counters))
    .use(signedRequests({ config, database, operators, onRefusal }))
    .use(forPeople(operators, sessions(config, sessionStore)))
    .use(sameSiteOnly(config))
    .use(login(config, operators, counters, audit))
    .use(loggedIn(operators))
    .use('/config', audit.reads)
    .use(viewRoutes({ config, flags, trail: parts.audit, operators }))
    .use('/reload', reloadRoute(config, operators, audit))
    .use('/flags', flagRoutes(config, flags, operators, audit))
    .use('/audit', auditRoutes(config, operators, parts.audit, audit))
    .use(notFound)
    .use(audit.refusals);
}

// A machine has no session, and must not be given one.
function forPeople(operators: Operators, handler: RequestHandler): RequestHandler {
  return (req, res, next) => (operators.isRecognized(req) ? next() : handler(req, res, next));
}
