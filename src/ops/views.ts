import { type Request, Router } from 'express';
import { declaration, isKeyName, type KeyName } from '../config/schema.ts';
import { unknownKeyError } from '../config/view.ts';
import { listEntries } from '../database/audit/trail.ts';
import { HttpProblem, onlyMethods } from '../http/errors.ts';
import { configPage, keyPage } from './pages/config.ts';
import { overviewPage } from './pages/overview.ts';
import type { Door } from './routes.ts';
import { pageOrJson } from './viewer.ts';

const CHANGES = { action: ['flag.set', 'flag.unset', 'config.reload'], limit: 6 };

/** `/`, `/config` and `/config/:key`: what is, for eyes and for scripts. */
export function viewRoutes({ config, flags, database, operators }: Door): Router {
  // The page is worth as much when the database is away.
  const lastChanges = () => listEntries(database, CHANGES).catch(() => undefined);
  const overview = pageOrJson(
    { config, operators },
    async () => overviewPage(config, flags, await lastChanges()),
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
    { config, operators },
    (viewer, req) => configPage(config, viewer, new URLSearchParams(req.url.split('?')[1])),
    () => ({
      environment: config.get('ENV'),
      version: config.version,
      config: config.masked(),
      origins: config.origins(),
      sources: config.sources(),
    }),
  );
  const key = pageOrJson(
    { config, operators },
    (_viewer, req) => keyPage(config, keyOf(req)),
    (req) => {
      const name = keyOf(req);
      const { doc, visibility, reload } = declaration(name) ?? {};
      return { key: name, doc, visibility, reload, layers: config.explain(name) };
    },
  );
  return Router()
    .get('/', overview)
    .get('/config', configuration)
    .get('/config/:key', key)
    .all(['/', '/config', '/config/:key'], onlyMethods('GET', 'HEAD'));
}

function keyOf(req: Request): KeyName {
  const name = String(req.params['key']);
  if (isKeyName(name)) return name;
  throw new HttpProblem(404, { detail: unknownKeyError(name).message });
}
