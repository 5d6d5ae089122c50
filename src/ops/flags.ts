import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { flagValue, isFlagName } from '../config/keys/flags.ts';
import type { FlagStore } from '../flags/store.ts';
import { formOrJson } from '../http/body.ts';
import { csrfToken } from '../http/csrf.ts';
import { onlyMethods } from '../http/methods.ts';
import { HttpProblem } from '../http/problem.ts';
import { allow, wantsPage } from './access.ts';
import type { Operators } from './operators.ts';
import { flagsPage } from './pages/flags.ts';
import { viewerOf } from './viewer.ts';

// A form sends text, and nothing for "as configured".
const formValue = z
  .enum(['true', 'false', ''])
  .transform((text) => (text === '' ? undefined : text === 'true'));
const change = z.union([
  z.strictObject({ value: flagValue }),
  z.strictObject({ value: formValue, csrfToken: z.string() }),
]);

/** `/flags`: what is on, and the switches. */
export function flagRoutes(config: AppConfig, flags: FlagStore, operators: Operators): Router {
  const list: RequestHandler = (req, res) => {
    res.vary('Accept');
    const viewer = viewerOf(req, operators);
    if (wantsPage(req))
      res.type('html').send(flagsPage(config.snapshot, flags.list(), viewer).markup);
    else res.json({ flags: flags.list() });
  };
  const set: RequestHandler<Record<string, string>, unknown, z.output<typeof change>> = (
    req,
    res,
  ) => {
    const name = declared(req.params['name']);
    if (req.body.value === undefined) flags.unset(name);
    else flags.set(name, req.body.value);
    if (req.is('urlencoded')) res.redirect(303, '/ops/flags');
    else res.json({ ok: true, ...stateOf(flags, name) });
  };
  const unset: RequestHandler = (req, res) => {
    const name = declared(req.params['name']);
    flags.unset(name);
    res.json({ ok: true, ...stateOf(flags, name) });
  };
  const isDeclared: RequestHandler = (req, _res, next) => {
    declared(req.params['name']);
    next();
  };
  const admin = allow(operators, 'admin');
  return Router()
    .get('/', list)
    .all('/', onlyMethods('GET', 'HEAD'))
    .post('/:name', admin, isDeclared, formOrJson(config, change), csrfToken(config), set)
    .delete('/:name', admin, csrfToken(config), unset)
    .all('/:name', onlyMethods('POST', 'DELETE'));
}

function declared(name: unknown) {
  if (typeof name === 'string' && isFlagName(name)) return name;
  throw new HttpProblem(404);
}

function stateOf(flags: FlagStore, name: string) {
  return flags.list().find((flag) => flag.name === name);
}
