import { type Request, type RequestHandler, Router } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { declaration, isKeyName, type KeyName } from '../config/schema.ts';
import { unknownKeyError } from '../config/view.ts';
import type { FlagStore } from '../flags/store.ts';
import { answerProblemsWith, HttpProblem, onlyMethods } from '../http/errors.ts';
import { wantsPage } from './access.ts';
import type { AuditEntry } from './audit/entry.ts';
import type { AuditTrail } from './audit/trail.ts';
import type { Operators } from './operators.ts';
import { type ConfigFilter, configPage } from './pages/config.ts';
import { keyPage } from './pages/key.ts';
import { overviewPage } from './pages/overview.ts';
import { problemPage } from './pages/problem.ts';
import { pageOrJson, viewerOf } from './viewer.ts';

interface Parts {
  readonly config: AppConfig;
  readonly flags: FlagStore;
  readonly trail: AuditTrail;
  readonly operators: Operators;
}

const CHANGES = ['flag.set', 'flag.unset', 'config.reload'];

/** `/`, `/config` and `/config/:key`: what is, for eyes and for scripts. */
export function viewRoutes({ config, flags, trail, operators }: Parts): Router {
  const overview = pageOrJson(
    operators,
    async (viewer) => overviewPage({ config, flags, changes: await lastChanges(trail) }, viewer),
    () => ({
      environment: config.get('ENV'),
      version: config.version,
      uptimeSeconds: Math.floor(process.uptime()),
      pending: config.pending(),
      lastReload: config.lastReload() ?? null,
      expiredFlags: flags.list().flatMap(({ name, expired }) => (expired ? [name] : [])),
      sources: [...config.sources(), ...flags.sources()],
      warnings: config.warnings(),
    }),
  );
  const configuration = pageOrJson(
    operators,
    (viewer, req) => configPage(config, viewer, filterOf(req)),
    () => ({
      environment: config.get('ENV'),
      version: config.version,
      config: config.masked(),
      origins: config.origins(),
      sources: config.sources(),
    }),
  );
  const key = pageOrJson(
    operators,
    (viewer, req) => keyPage(config, keyOf(req), viewer),
    (req) => {
      const name = keyOf(req);
      const { doc, visibility, reload } = declaration(name) ?? {};
      return { key: name, doc, visibility, reload, layers: config.explain(name) };
    },
  );
  const readOnly = onlyMethods('GET', 'HEAD');
  return Router()
    .get('/', overview)
    .all('/', readOnly)
    .get('/config', configuration)
    .all('/config', readOnly)
    .get('/config/:key', key)
    .all('/config/:key', readOnly);
}

/** Give a browser its problems as pages. */
export function problemPages(config: AppConfig, operators: Operators): RequestHandler {
  return (req, res, next) => {
    res.vary('Accept');
    if (wantsPage(req)) {
      answerProblemsWith(res, (problem) => {
        // What failed may be the session itself.
        const isKnown = 'session' in req && operators.current(req) !== undefined;
        const viewer = isKnown ? viewerOf(req, operators) : undefined;
        return problemPage(config.snapshot, problem, viewer).markup;
      });
    }
    next();
  };
}

// The page is worth as much when the database is away.
async function lastChanges(trail: AuditTrail): Promise<AuditEntry[] | undefined> {
  try {
    const found = await Promise.all(CHANGES.map((action) => trail.list({ action, limit: 6 })));
    return found
      .flat()
      .sort((one, other) => other.sequence - one.sequence)
      .slice(0, 6);
  } catch {
    return undefined;
  }
}

function keyOf(req: Request): KeyName {
  const name = String(req.params['key']);
  if (isKeyName(name)) return name;
  throw new HttpProblem(404, { detail: `${unknownKeyError(name).message}.` });
}

function filterOf({ query }: Request): ConfigFilter {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    q: text(query['q']),
    layer: text(query['layer']),
    overridden: query['overridden'] === '1',
  };
}
