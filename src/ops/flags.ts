import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import { type FlagName, type FlagValue, flagValue, isFlagName } from '../config/keys/flags.ts';
import { isProtected } from '../config/model.ts';
import { changeEvent, changeReason, type FlagChange, timeLimit } from '../flags/store.ts';
import { csrfToken } from '../http/csrf.ts';
import { HttpProblem, onlyMethods } from '../http/errors.ts';
import { type Checked, expectedRevision, formOrJson, jsonBody } from '../http/validation.ts';
import { allow } from './access.ts';
import { flagsPage } from './pages/flags.ts';
import type { Door } from './routes.ts';
import { pageOrJson } from './viewer.ts';

const reason = changeReason.optional();

// A form sends text, and an empty one for a field that was not filled in.
const textNumber = (type: z.ZodNumber) =>
  z
    .string()
    .regex(/^\d{0,9}(?:\.\d+)?$/, 'Send a number')
    .transform((text) => (text === '' ? undefined : Number(text)))
    .pipe(type.optional())
    .optional();
const form = z
  .strictObject({
    // Nothing takes the override back.
    value: z.enum(['true', 'false', 'rollout', '']),
    rollout: textNumber(z.number().min(0).max(100)),
    reason,
    ttl: textNumber(timeLimit),
    revision: textNumber(z.int()),
    csrfToken: z.string(),
  })
  .refine(({ value, rollout }) => value !== 'rollout' || rollout !== undefined, {
    path: ['rollout'],
    error: 'Say for how many percent',
  })
  .transform(({ value, rollout, ttl: ttlSeconds, revision: ifRevision, ...rest }) => {
    const values = { true: true, false: false, rollout: { rollout }, '': null };
    return { value: values[value], ttlSeconds, ifRevision, ...rest };
  });
const json = z.strictObject({
  value: z.union(flagValue.options, 'Send true, false, or an object such as { "rollout": 25 }'),
  reason,
  ttlSeconds: timeLimit.optional(),
});
const why = z.strictObject({ reason }).prefault({});

/** `/flags`: what is on, and the switches. */
export function flagRoutes({ config, flags, operators, audit }: Door): Router {
  const list = pageOrJson(
    { config, operators },
    (viewer, req) => flagsPage(config, flags.list(), viewer, req.query),
    () => ({ flags: flags.list(), sources: flags.sources() }),
  );
  const change = async (req: Request, res: Response, value: FlagValue | null, how: FlagChange) => {
    const name = nameOf(req);
    const { ttlSeconds, ifRevision = expectedRevision(req) } = how;
    const reason = how.reason || undefined;
    const options = { ttlSeconds, reason, ifRevision, by: operators.current(req)?.username };
    const before = flags.list().find((flag) => flag.name === name);
    // Revisions grow: this race is lost, and must not stand in the trail as done before it fails.
    if (before && Number(ifRevision) < before.revision) throw new HttpProblem(412);
    const event = changeEvent(flags, name, value ?? undefined, options);
    const state = await audit.change(req, event, () =>
      value === null ? flags.unset(name, options) : flags.set(name, value, options),
    );
    const { revision } = state;
    if (req.is('urlencoded')) res.redirect(303, `/ops/flags?changed=${name}&revision=${revision}`);
    else res.set('ETag', `"${revision}"`).json({ ok: true, ...state });
  };
  const set: Checked<typeof json | typeof form> = (req, res) => {
    const { value: wanted, ...how } = req.body;
    const { value: now } = flags.explain(nameOf(req));
    // A form tells the share alone; salt, variants and lists stay, and with them who is in it.
    const isShare = req.is('urlencoded') && typeof wanted === 'object' && wanted !== null;
    const value = isShare ? { ...(typeof now === 'object' && now), ...wanted } : wanted;
    if (isProtected(config.get('ENV')) && value !== null && !how.reason) {
      const detail = 'Say why: in this environment a change needs a reason';
      throw new HttpProblem(422, { errors: [{ pointer: '#/reason', detail }] });
    }
    return change(req, res, value, how);
  };
  const unset: Checked<typeof why> = (req, res) => change(req, res, null, req.body);
  const isDeclared: RequestHandler = (req, _res, next) => {
    nameOf(req);
    next();
  };
  const admin = allow(operators, 'admin');
  return Router()
    .get('/', list)
    .all('/', onlyMethods('GET', 'HEAD'))
    .post('/:name', admin, isDeclared, formOrJson(config, json, form), csrfToken(config), set)
    .delete('/:name', admin, isDeclared, jsonBody(config, why), csrfToken(config), unset)
    .all('/:name', onlyMethods('POST', 'DELETE'));
}

function nameOf({ params: { name } }: Request): FlagName {
  if (typeof name === 'string' && isFlagName(name)) return name;
  throw new HttpProblem(404);
}
