import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { type FlagName, type FlagValue, flagValue, isFlagName } from '../config/keys/flags.ts';
import { isProtected } from '../config/model.ts';
import type { FlagChange, FlagState, FlagStore } from '../flags/store.ts';
import { formOrJson } from '../http/body.ts';
import { csrfToken } from '../http/csrf.ts';
import { onlyMethods } from '../http/methods.ts';
import { HttpProblem } from '../http/problem.ts';
import { allow } from './access.ts';
import type { RequestAudit } from './audit/requests.ts';
import type { Operators } from './operators.ts';
import { flagsPage, flagText } from './pages/flags.ts';
import { leaveNotice, pageOrJson } from './viewer.ts';

const ONE_YEAR_SECONDS = 365 * 24 * 60 * 60;
const reason = z.string().trim().max(500);
const seconds = z.int().min(1).max(ONE_YEAR_SECONDS);

// A form sends text, and an empty one for a field that was not filled in.
const textNumber = (type: z.ZodNumber) =>
  z.preprocess(
    (text) => (/^\d{1,9}(?:\.\d+)?$/.test(String(text)) ? Number(text) : text || undefined),
    type.optional(),
  );
const form = z
  .strictObject({
    // Nothing stands for "as configured".
    value: z.enum(['true', 'false', 'rollout', '']),
    rollout: textNumber(z.number().min(0).max(100)),
    reason: reason.optional(),
    ttl: textNumber(seconds),
    revision: textNumber(z.int()),
    csrfToken: z.string(),
  })
  .refine(({ value, rollout }) => value !== 'rollout' || rollout !== undefined, {
    path: ['rollout'],
    error: 'Say for how many percent',
  })
  .transform(({ value, rollout, ttl, ...rest }) => ({
    value: value === 'rollout' ? { rollout } : value === '' ? null : value === 'true',
    ttlSeconds: ttl,
    ...rest,
  }));
const json = z.strictObject({
  value: z.union(flagValue.options, 'Send true, false, or an object such as { "rollout": 25 }'),
  reason: reason.optional(),
  ttlSeconds: seconds.optional(),
});
type Change = z.output<typeof json> | z.output<typeof form>;

/** `/flags`: what is on, and the switches. */
export function flagRoutes(
  config: AppConfig,
  flags: FlagStore,
  operators: Operators,
  audit: RequestAudit,
): Router {
  const list = pageOrJson(
    operators,
    (viewer) => flagsPage(config, flags.list(), viewer),
    () => ({ flags: flags.list(), sources: flags.sources() }),
  );
  const apply = async (req: Request, res: Response, value: FlagValue | null, asked: FlagChange) => {
    const name = declared(req.params['name']);
    const by = operators.current(req)?.username;
    const ifRevision = expectedRevision(req) ?? asked.ifRevision;
    const options = { ...asked, by, ifRevision };
    const known = flags.list().find((flag) => flag.name === name);
    const after = value ?? known?.configured.value;
    const { reason, ttlSeconds } = asked;
    const event = {
      action: value === null ? 'flag.unset' : 'flag.set',
      target: name,
      detail: { before: known?.value, after, reason, ttlSeconds },
    };
    const state = await audit.change(req, event, () =>
      value === null ? flags.unset(name, options) : flags.set(name, value, options),
    );
    if (req.is('urlencoded')) {
      leaveNotice(req, `${name} is ${flagText(state.value)} now.`);
      res.redirect(303, '/ops/flags');
    } else res.set('ETag', tagOf(state)).json({ ok: true, ...state });
  };
  const set: RequestHandler<Record<string, string>, unknown, Change> = (req, res) => {
    const { value, reason, ttlSeconds } = req.body;
    if (isProtected(config.get('ENV')) && value !== null && !reason) {
      const detail = 'Say why: in this environment a change needs a reason';
      throw new HttpProblem(422, { errors: [{ pointer: '#/reason', detail }] });
    }
    const ifRevision = 'revision' in req.body ? req.body.revision : undefined;
    return apply(req, res, value, { reason: reason || undefined, ttlSeconds, ifRevision });
  };
  const unset: RequestHandler = (req, res) => apply(req, res, null, {});
  const isDeclared: RequestHandler = (req, _res, next) => {
    declared(req.params['name']);
    next();
  };
  const admin = allow(operators, 'admin');
  return Router()
    .get('/', list)
    .all('/', onlyMethods('GET', 'HEAD'))
    .post('/:name', admin, isDeclared, formOrJson(config, json, form), csrfToken(config), set)
    .delete('/:name', admin, csrfToken(config), unset)
    .all('/:name', onlyMethods('POST', 'DELETE'));
}

function declared(name: unknown): FlagName {
  if (typeof name === 'string' && isFlagName(name)) return name;
  throw new HttpProblem(404);
}

function tagOf({ revision }: FlagState): string {
  return `"${revision}"`;
}

// https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
function expectedRevision(req: Request): number | undefined {
  const given = req.get('If-Match')?.trim();
  if (given === undefined || given === '*') return undefined;
  const [, revision] = /^"(\d{1,15})"$/.exec(given) ?? [];
  if (revision === undefined) throw new HttpProblem(412);
  return Number(revision);
}
