import { setTimeout as wait } from 'node:timers/promises';
import express, { type Request, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { AppConfig } from '../config/app-config.ts';
import type { Settings } from '../config/schema.ts';
import { fingerprint } from '../config/secret.ts';
import { csrfToken, newToken } from '../http/csrf.ts';
import { HttpProblem, onlyMethods, refuseUnless } from '../http/errors.ts';
import { type CounterStore, limitRate, networkOf } from '../http/rate-limit.ts';
import { beginSession, endSession } from '../http/session.ts';
import { type Checked, formOrJson } from '../http/validation.ts';
import { safeNext, wantsPage } from './access.ts';
import { knownDevice, markDevice } from './device-cookie.ts';
import { markOf, type Operators } from './operators.ts';
import { loginPage } from './pages/login.ts';
import type { Door } from './routes.ts';
import { sendPage } from './viewer.ts';

const WRONG = 'The username or the password is wrong.';
const WITHOUT_HTTPS =
  'The session cookie is for https alone, and this request came without it. ' +
  'Use https; behind a proxy that speaks it, set TRUST_PROXY_HOPS.';
const SLOW_MS = 1_000;

const credentials = z.strictObject({
  username: z.string().min(1).max(64),
  password: z.string().min(1).max(1024),
  next: z.string().max(2048).optional(),
});

/** `/login` and `/logout`, as a form in a browser and as JSON in a script. */
export function login({ config, operators, audit, counters }: Door): Router {
  const show: RequestHandler = (req, res) => {
    sendPage(config, res, loginPage({ next: safeNext(req.query['next']) }));
  };
  const enter: Checked<typeof credentials> = async (req, res) => {
    const { username, password } = req.body;
    const next = safeNext(req.body.next);
    const isForm = Boolean(req.is('urlencoded'));
    const account = await operators.authenticate(username, password);
    if (account === undefined) {
      await audit.failedLogin(req, whoFailed(config, operators, username));
      if (!isForm) throw new HttpProblem(401, { detail: WRONG });
      return sendPage(config, res.status(401), loginPage({ next, fault: WRONG }));
    }
    const { role } = account;
    const token = newToken();
    const data = { operator: { username, mark: markOf(account) }, csrfToken: token };
    const event = { action: 'login', actor: username, role } as const;
    await audit.change(req, event, () => beginSession(req, data));
    markDevice(config, res, username);
    if (isForm) res.redirect(303, next);
    else res.json({ role, csrfToken: token });
  };
  // Without https the browser would drop the cookie, and the login would seem to do nothing.
  const isKept = (req: Request) => req.secure || !config.get('SESSION_COOKIE_SECURE');
  const checkToken = csrfToken(config);
  const leave: RequestHandler = async (req, res) => {
    const end = () => endSession(config, req, res);
    const operator = operators.current(req);
    // Who it was must be known also when ending fails: the request has no session then.
    const event = { action: 'logout', actor: operator?.username, role: operator?.role } as const;
    await (operator === undefined ? end() : audit.change(req, event, end));
    // The device cookie goes, too: whoever comes to this machine next must not guess as a friend.
    res.clearCookie('device', { path: '/ops/login' });
    res.set('Clear-Site-Data', '"cache","cookies","storage"');
    if (wantsPage(req)) res.redirect(303, '/ops/login');
    else res.status(204).end();
  };
  return Router()
    .get('/login', show)
    .post('/login', refuseUnless(isKept, 400, { detail: WITHOUT_HTTPS }))
    .post('/login', formOrJson(config, credentials))
    .post('/login', ...guessLimits(config, counters), enter)
    .all('/login', onlyMethods('GET', 'HEAD', 'POST'))
    .post('/logout', express.urlencoded({ extended: false, limit: '1kb' }))
    .post('/logout', (req, res, next) =>
      operators.current(req) === undefined ? next() : checkToken(req, res, next),
    )
    .post('/logout', leave)
    .all('/logout', onlyMethods('POST'));
}

// Only failures count. A network that guesses too much is refused, but for the browsers that have
// logged in before; a user who is guessed at is served slowly, and never locked out.
function guessLimits(config: AppConfig, counters: CounterStore): RequestHandler[] {
  const pick = ({ RATE_LIMIT }: Settings) => RATE_LIMIT.LOGIN;
  const common = { pick, counters, skipSuccessfulRequests: true };
  const usernameOf = (req: Request): string => req.body.username;
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
      keyGenerator: (req) => marked(config, usernameOf(req)),
      skip: (req) => deviceOf(req) !== undefined,
      handler: async (_req, _res, next) => {
        await wait(SLOW_MS);
        next();
      },
    }),
  ];
}

function whoFailed(config: AppConfig, operators: Operators, username: string) {
  if (operators.isKnown(username)) return { actor: username, detail: { reason: 'password' } };
  return { detail: { reason: 'unknown name', fingerprint: marked(config, username) } };
}

// A name may be a password in the wrong field, and is kept nowhere: this tells names apart.
function marked(config: AppConfig, username: string): string {
  return fingerprint(config.get('SECRET_KEY').reveal(), username) ?? '';
}
