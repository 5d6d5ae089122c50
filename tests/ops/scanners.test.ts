import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { PRODUCTION_VARS } from '../support/app.ts';
import { localMaximum, observe } from '../support/observatory.ts';
import { insecureHeaders } from '../support/secure-headers.ts';
import { ADMIN, logIn, openDoor, VIEWER } from './door.ts';

const HTTPS = { 'X-Forwarded-Proto': 'https' };
const PRODUCTION = {
  env: 'production',
  vars: { ...PRODUCTION_VARS, TRUST_PROXY_HOPS: '1', LOG_LEVEL: 'silent' },
};
const FLAG = '/ops/flags/FEATURE_SIGNUP_V2';

interface Asked {
  readonly status: number;
  readonly who?: typeof ADMIN;
  readonly method?: 'get' | 'put' | 'post';
  readonly form?: object;
}
const admin = { status: 200, who: ADMIN };

/** Every page, and a problem of every kind. */
const PAGES: [path: string, Asked][] = [
  ['/ops/login', { status: 200 }],
  ['/ops', admin],
  ['/ops/config', admin],
  ['/ops/config?q=database&overridden=1', admin],
  ['/ops/config/SECRET_KEY', admin],
  ['/ops/flags', admin],
  ['/ops/flags', { status: 200, who: VIEWER }],
  ['/ops/audit', admin],
  ['/ops/audit/export', admin],
  ['/ops/reload', admin],
  ['/ops', { status: 303 }],
  ['/ops/login', { status: 401, method: 'post', form: { ...ADMIN, password: 'wrong' } }],
  ['/ops/login', { status: 303, method: 'post', form: ADMIN }],
  ['/ops/login', { status: 422, method: 'post', form: { username: '' } }],
  ['/ops/login', { status: 415, method: 'post' }],
  ['/ops/reload', { status: 401, method: 'post', form: {} }],
  ['/ops/reload', { status: 403, who: VIEWER }],
  [FLAG, { status: 403, who: ADMIN, method: 'post', form: { value: 'true', csrfToken: '' } }],
  ['/ops/nothing-here', { status: 404, who: ADMIN }],
  ['/ops/config/PROT', { status: 404, who: ADMIN }],
  ['/ops/config', { status: 405, who: ADMIN, method: 'put' }],
  [
    FLAG,
    {
      status: 412,
      who: ADMIN,
      method: 'post',
      form: { value: 'true', revision: '7', reason: 'x' },
    },
  ],
  [FLAG, { status: 422, who: ADMIN, method: 'post', form: { value: 'true' } }],
  [FLAG, { status: 303, who: ADMIN, method: 'post', form: { value: 'true', reason: 'x' } }],
];

describe.each(['text/html', 'application/json'])('in production, as %s,', (Accept) => {
  test.each(PAGES)(
    '%s has the best headers: %o',
    async (path, { status, who, method = 'get', form }) => {
      const { app } = await openDoor(PRODUCTION);
      const { Cookie, 'X-CSRF-Token': csrfToken } = who ? await logIn(app, who, HTTPS) : {};
      const headers = { ...HTTPS, Accept, ...(Cookie && { Cookie }) };
      const call = request(app)[method](path).set(headers);
      const isText = method === 'post' && form === undefined;
      const answer = await (isText
        ? call.type('text').send('text')
        : call.type('form').send(form && { csrfToken, ...form }));
      const isRefusal = status === 303 && Accept === 'application/json' && method === 'get';
      expect(answer.status).toBe(isRefusal ? 401 : status);
      const scanned = { headers: answer.headers, text: answer.text ?? '' };
      expect(observe(scanned)).toEqual(localMaximum(scanned));
      expect(insecureHeaders(scanned)).toEqual([]);
    },
  );
});

test.each([
  ['content-security-policy', '', -25],
  ['content-security-policy', "default-src 'none'; script-src 'self' 'unsafe-inline'", -20],
  ['content-security-policy', "default-src 'self' http://cdn.test", -20],
  ['content-security-policy', "default-src 'self'; script-src 'self' 'unsafe-eval'", -10],
  ['content-security-policy', "default-src 'none'; style-src 'unsafe-inline'", 0],
  ['content-security-policy', "default-src 'self'", 5],
  ['cookies', 'session=1; HttpOnly; SameSite=Lax', -40],
  ['cookies', 'session=1; Secure; SameSite=Lax', -30],
  ['cookies', 'colour=blue; SameSite=Lax', -20],
  ['cookies', 'colour=blue; Secure', 0],
  ['referrer-policy', 'unsafe-url', -5],
  ['strict-transport-security', '', -20],
  ['strict-transport-security', 'max-age=60', -10],
  ['x-content-type-options', '', -5],
  ['x-frame-options', '', -20],
  ['cross-origin-resource-policy', 'cross-origin', 0],
])('the rules see through %s: %j', (rule, value, score) => {
  const name = rule === 'cookies' ? 'set-cookie' : rule;
  expect(observe({ headers: { [name]: value }, text: '' })[rule]).toBe(score);
});
