import { setTimeout as wait } from 'node:timers/promises';
import express, { type Request, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import { fingerprint } from '../config/fingerprint.ts';
import { formOrJson } from '../http/body.ts';
import { csrfToken, tokenOf } from '../http/csrf.ts';
import { onlyMethods } from '../http/methods.ts';
import { HttpProblem } from '../http/problem.ts';
import { type CounterStore, limitRate, networkOf } from '../http/rate-limit.ts';
import { endSession, renewSession, saveSession } from '../http/session.ts';
import { wantsPage } from './access.ts';
import type { RequestAudit } from './audit/requests.ts';
import { knownDevice, markDevice } from './device-cookie.ts';
import type { Operators } from './operators.ts';
import { loginPage } from './pages/login.ts';
import { sendPage } from './viewer.ts';

const WRONG = 'The username or the password is wrong.';
const SLOW_MS = 1_000;

const credentials = z.strictObject({
  username: z.string().min(1).max(64),
  password: z.string().min(1).max(1024),
  next: z.string().max(2048).optional(),
});
type Credentials = z.output<typeof credentials>;

/** `/login` and `/logout`, as a form in a browser and as JSON in a script. */
export function login(
  config: AppConfig,
  operators: Operators,
  counters: CounterStore | undefined,
  audit: RequestAudit,
): Router {
  const show: RequestHandler = (req, res) => {
    sendPage(res, loginPage(config.snapshot, { next: safeNext(req.query['next']) }));
  };
  const enter: RequestHandler<Record<string, string>, unknown, Credentials> = async (req, res) => {
    const { username, password, next } = req.body;
    const isForm = Boolean(req.is('urlencoded'));
    const operator = await operators.authenticate(username, password);
    if (operator === undefined) {
      await audit.failedLogin(req, whoFailed(config, operators, username));
      if (!isForm) throw new HttpProblem(401, { detail: WRONG });
      sendPage(res, loginPage(config.snapshot, { next: safeNext(next), fault: WRONG }), 401);
      return;
    }
    const { role } = operator;
    await audit.record(req, { action: 'login', actor: operator.username, role });
    await renewSession(req);
    operators.remember(req, operator);
    const token = tokenOf(req);
    await saveSession(req);
    markDevice(config, res, operator.username);
    if (isForm) res.redirect(303, safeNext(next));
    else res.json({ role, csrfToken: token });
  };
  const leave: RequestHandler = async (req, res) => {
    if (operators.current(req) !== undefined) await audit.record(req, { action: 'logout' });
    await endSession(config, req, res);
    // The device cookie goes, too: whoever comes to this machine next must not guess as a friend.
    res.set('Clear-Site-Data', '"cache","cookies","storage"');
    if (wantsPage(req)) res.redirect(303, '/ops/login');
    else res.status(204).end();
  };
  const ifLoggedIn =
    (handler: RequestHandler): RequestHandler =>
    (req, res, next) =>
      operators.current(req) === undefined ? next() : handler(req, res, next);
  return Router()
    .get('/login', show)
    .post(
      '/login',
      overHttps(config),
      formOrJson(config, credentials),
      ...guessLimits(config, counters),
      enter,
    )
    .all('/login', onlyMethods('GET', 'HEAD', 'POST'))
    .post(
      '/logout',
      express.urlencoded({ extended: false, limit: '1kb' }),
      ifLoggedIn(csrfToken(config)),
      leave,
    )
    .all('/logout', onlyMethods('POST'));
}

// Only failures count. A network that guesses too much is refused, but for the browsers that have
// logged in before; a user who is guessed at is served slowly, and never locked out.
function guessLimits(config: AppConfig, counters: CounterStore | undefined): RequestHandler[] {
  const pick = (settings: AppConfig['snapshot']) => settings.RATE_LIMIT.LOGIN;
  const common = { pick, counters, skipSuccessfulRequests: true };
  const deviceOf = (req: Request) => knownDevice(config, req, usernameOf(req));
  return [
    limitRate(config, {
      ...common,
      name: 'login-network',
      keyGenerator: (req) => deviceOf(req) ?? networkOf(req),
    }),
    limitRate(config, {
      ...common,
      name: 'login-user',
      standardHeaders: false,
      keyGenerator: usernameOf,
      skip: (req) => deviceOf(req) !== undefined,
      handler: async (_req, _res, next) => {
        await wait(SLOW_MS);
        next();
      },
    }),
  ];
}

// Without https the browser would drop the cookie, and the login would seem to do nothing.
function overHttps(config: AppConfig): RequestHandler {
  return (req, _res, next) => {
    if (req.secure || !config.get('SESSION_COOKIE_SECURE')) return next();
    const detail =
      'The session cookie is for https alone, and this request came without it. ' +
      'Use https; behind a proxy that speaks it, set TRUST_PROXY_HOPS.';
    next(new HttpProblem(400, { detail }));
  };
}

// A name that nobody has may be a password in the wrong field: its fingerprint tells names apart.
function whoFailed(config: AppConfig, operators: Operators, username: string) {
  if (operators.isKnown(username)) return { actor: username, detail: { reason: 'password' } };
  const name = fingerprint(config.get('SECRET_KEY').reveal(), username);
  return { detail: { reason: 'unknown name', fingerprint: name } };
}

function usernameOf(req: Request): string {
  return (req.body as Credentials).username;
}

function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/ops(?:[/?][\w/.?=&%-]*)?$/.test(next) ? next : '/ops';
}
