import { Router } from 'express';
import { z } from 'zod';
import { ConfigError } from '../config/problem.ts';
import type { ReloadOptions, ReloadResult } from '../config/reload.ts';
import { reloadEvent } from '../database/audit/reloads.ts';
import { csrfToken } from '../http/csrf.ts';
import { HttpProblem, onlyMethods } from '../http/errors.ts';
import { type Checked, formOrJson } from '../http/validation.ts';
import { allow } from './access.ts';
import { reloadPage } from './pages/reload.ts';
import type { Door } from './routes.ts';
import { pageOrJson } from './viewer.ts';

// `curl -X POST` without a body means a plain reload.
const json = z.strictObject({ dryRun: z.boolean().optional() }).prefault({});
const form = z.strictObject({ csrfToken: z.string() });

/** `/reload`: read the configuration again, or tell what that would change. */
export function reloadRoute({ config, operators, audit }: Door): Router {
  const ask = (options: ReloadOptions) =>
    config.reload(options).catch((error: unknown) => {
      if (!(error instanceof ConfigError)) throw error;
      const detail = 'The new configuration is not valid; nothing was changed.';
      throw new HttpProblem(422, { detail, problems: error.problems });
    });
  const preview = () => ask({ dryRun: true });
  const show = pageOrJson(
    { config, operators },
    async (viewer) => reloadPage(config, await preview(), viewer),
    async () => ({ ok: true, ...(await preview()) }),
  );
  const reload: Checked<typeof json> = async (req, res) => {
    const { dryRun = false } = req.body;
    const by = `operator ${operators.current(req)?.username}`;
    // The entry names who else asked for the same reload.
    const confirm = (result: ReloadResult, all: string) =>
      audit.record(req, reloadEvent(result, all === by ? undefined : all));
    const result = await ask({ dryRun, by, confirm }).catch(async (error) => {
      const isRefused = error instanceof HttpProblem && !dryRun;
      if (isRefused) await audit.failure(req, { action: 'config.reload' });
      throw error;
    });
    if (req.is('urlencoded')) res.redirect(303, `/ops/config?reloaded=${config.lastReload()?.at}`);
    else res.json({ ok: true, ...result });
  };
  const admin = allow(operators, 'admin');
  return Router()
    .get('/', admin, show)
    .post('/', admin, formOrJson(config, json, form), csrfToken(config), reload)
    .all('/', onlyMethods('GET', 'HEAD', 'POST'));
}
