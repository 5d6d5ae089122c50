import { type ErrorRequestHandler, Router } from 'express';
import { z } from 'zod';
import { ConfigError } from '../config/problem.ts';
import type { ReloadResult } from '../config/reload.ts';
import { operatorNamed, reloadEvent } from '../database/audit/reloads.ts';
import { csrfToken } from '../http/csrf.ts';
import { HttpProblem, onlyMethods } from '../http/errors.ts';
import { type Checked, formOrJson } from '../http/validation.ts';
import { allow } from './access.ts';
import { reloadPage, reloadText } from './pages/reload.ts';
import type { Door } from './routes.ts';
import { pageOrJson, sendBack } from './viewer.ts';

const json = z.strictObject({ dryRun: z.boolean().optional() });
const form = z.strictObject({ csrfToken: z.string() });
type Handler = Checked<typeof json>;

/** `/reload`: read the configuration again, or tell what that would change. */
export function reloadRoute({ config, operators, audit }: Door): Router {
  const preview = () => config.reload({ dryRun: true });
  const show = pageOrJson(
    { config, operators },
    async (viewer) => reloadPage(config, await preview(), viewer),
    async () => ({ ok: true, ...(await preview()) }),
  );
  const reload: Handler = async (req, res) => {
    const { dryRun = false } = req.body;
    const by = operatorNamed(operators.current(req)?.username);
    const record = (result: ReloadResult) => audit.record(req, reloadEvent(result));
    const result = await config.reload({ dryRun, by, confirm: record }).catch(async (error) => {
      const isRefused = error instanceof ConfigError && !dryRun;
      if (isRefused) await audit.failure(req, { action: 'config.reload' });
      throw error;
    });
    if (result.changes.length === 0 && !dryRun) await record(result);
    if (req.is('urlencoded')) sendBack(req, res, '/ops/config', reloadText(result));
    else res.json({ ok: true, ...result });
  };
  const admin = allow(operators, 'admin');
  return Router()
    .get('/', admin, show)
    .post('/', admin, orEmpty(formOrJson(config, json, form)), csrfToken(config), reload)
    .all('/', onlyMethods('GET', 'HEAD', 'POST'))
    .use(refusal);
}

// `curl -X POST` without a body means a plain reload.
function orEmpty(read: Handler): Handler {
  return (req, res, next) => {
    const isEmpty = req.is('*/*') === null || req.headers['content-length'] === '0';
    if (!isEmpty) return read(req, res, next);
    req.body = {};
    return next();
  };
}

const refusal: ErrorRequestHandler = (error, _req, _res, next) => {
  if (!(error instanceof ConfigError)) return next(error);
  const detail = 'The new configuration is not valid; nothing was changed.';
  next(new HttpProblem(422, { detail, problems: error.problems }));
};
