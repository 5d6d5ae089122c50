import { type RequestHandler, Router } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import type { AuditTrail } from '../database/audit/trail.ts';
import type { Database } from '../database/database.ts';
import type { Redis } from '../database/redis.ts';
import { openSessionStore } from '../database/session-store.ts';
import type { FlagStore } from '../flags/store.ts';
import { sameSiteOnly } from '../http/csrf.ts';
import { notFound } from '../http/errors.ts';
import { opsHeaders } from '../http/ops-headers.ts';
import { type CounterStore, openCounters, requestLimit } from '../http/rate-limit.ts';
import { sessions } from '../http/session.ts';
import { bodyLimit } from '../http/validation.ts';
import { hidden, loggedIn } from './access.ts';
import { auditRequests, type RequestAudit } from './audit/requests.ts';
import { auditRoutes } from './audit/routes.ts';
import { developmentAdmin } from './development-admin.ts';
import { flagRoutes } from './flags.ts';
import { login } from './login.ts';
import { createOperators, type Operators } from './operators.ts';
import { reloadRoute } from './reload.ts';
import { signedRequests } from './signed-requests.ts';
import { problemPages } from './viewer.ts';
import { viewRoutes } from './views.ts';

/** What the app gives the door. */
export interface OpsParts {
  readonly config: AppConfig;
  readonly flags: FlagStore;
  readonly database: Database;
  readonly openTrail: () => Promise<AuditTrail>;
  readonly redis: Redis | undefined;
  readonly closing: AbortSignal;
}

/** What the routes of the door work with. */
export interface Door extends OpsParts {
  readonly operators: Operators;
  readonly audit: RequestAudit;
  readonly counters: CounterStore;
}

/** The operator's door: everything below `/ops`. */
export async function ops(parts: OpsParts): Promise<Router> {
  const { config, database, openTrail, redis, closing } = parts;
  const sessionStore = await openSessionStore(config, database, redis, closing);
  const counters = await openCounters(redis, closing);
  const operators = createOperators(config, await developmentAdmin(config));
  const audit = auditRequests(await openTrail(), operators, config);
  const door = { ...parts, operators, audit, counters };
  const withSession = sessions(config, sessionStore);
  // A machine is known by now. It has no session, and must not be given one.
  const forPeople: RequestHandler = (req, res, next) =>
    operators.current(req) === undefined ? withSession(req, res, next) : next();
  return Router()
    .use(hidden(config, operators))
    .use(opsHeaders(config))
    .use(problemPages(config, operators))
    .use(bodyLimit(config))
    .use(requestLimit(config, counters))
    .use(signedRequests(door))
    .use(forPeople)
    .use(sameSiteOnly(config))
    .use(login(door))
    .use(loggedIn(operators))
    .use('/config', audit.reads)
    .use(viewRoutes(door))
    .use('/reload', reloadRoute(door))
    .use('/flags', flagRoutes(door))
    .use('/audit', auditRoutes(door))
    .use(notFound)
    .use(audit.refusals);
}
