import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { PRODUCTION_VARS } from '../support/app.ts';
import { ADMIN, logIn, openDoor, setCookies } from './door.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const PERMISSIONS =
  'accelerometer=(), autoplay=(), camera=(), cross-origin-isolated=(), display-capture=(), ' +
  'encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), keyboard-map=(), ' +
  'magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), ' +
  'publickey-credentials-get=(), screen-wake-lock=(), sync-xhr=(self), usb=(), web-share=(), ' +
  'xr-spatial-tracking=(), clipboard-read=(), clipboard-write=(), gamepad=(), hid=(), ' +
  'idle-detection=(), interest-cohort=(), serial=(), unload=()';

/** What the scanners want, and nothing more: `scanners.test.ts` has their rules. */
const HEADERS = {
  'cache-control': 'no-store, max-age=0',
  'content-security-policy': POLICY,
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': PERMISSIONS,
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
};
const UNWANTED = ['feature-policy', 'public-key-pins', 'expect-ct', 'x-xss-protection', 'server'];
const PAGES = ['/ops/login', '/ops', '/ops/config', '/ops/config/SECRET_KEY', '/ops/flags'];
const PRODUCTION = {
  env: 'production',
  vars: { ...PRODUCTION_VARS, TRUST_PROXY_HOPS: '1', LOG_LEVEL: 'silent' },
};
const HTTPS = { 'X-Forwarded-Proto': 'https' };
const BROWSER = { ...HTTPS, Accept: 'text/html' };

describe('in production', () => {
  test.each(PAGES)('%s has the strictest headers', async (path) => {
    const { app } = await openDoor(PRODUCTION);
    const pass = await logIn(app, ADMIN, HTTPS);
    const { status, headers, text } = await request(app)
      .get(path)
      .set({ ...pass, ...BROWSER });
    expect({ status, ...headers }).toMatchObject({ status: 200, ...HEADERS });
    expect(UNWANTED.filter((name) => name in headers)).toEqual([]);
    expect(headers['vary']).toContain('Accept');
    expectOnlyCheckedFiles(text);
  });

  test('problems keep them', async () => {
    const { app } = await openDoor(PRODUCTION);
    const pass = await logIn(app, ADMIN, HTTPS);
    const { headers } = await request(app)
      .get('/ops/nothing')
      .set({ ...pass, ...BROWSER });
    expect(headers).toMatchObject(HEADERS);
  });

  test('the session cookie is for this very host, https and no script', async () => {
    const { app } = await openDoor(PRODUCTION);
    const response = await request(app).post('/ops/login').set(HTTPS).send(ADMIN);
    expect(setCookies(response)).toContainEqual(
      expect.stringMatching(
        /^__Host-session=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
      ),
    );
  });

  test('a logout takes the cookie back and clears what the browser kept', async () => {
    const { app } = await openDoor(PRODUCTION);
    const pass = await logIn(app, ADMIN, HTTPS);
    const response = await request(app)
      .post('/ops/logout')
      .set({ ...pass, ...HTTPS });
    expect(response.headers['clear-site-data']).toBe('"cache","cookies","storage"');
    expect(setCookies(response)).toEqual([
      expect.stringMatching(/^__Host-session=; Path=\/; Expires=Thu, 01 Jan 1970 .*; Secure/),
      expect.stringMatching(/^device=; Path=\/ops\/login; Expires=Thu, 01 Jan 1970 /),
    ]);
    const { status } = await request(app)
      .get('/ops')
      .set({ ...pass, ...HTTPS });
    expect(status).toBe(401);
  });
});

test.each([
  [{ APP_SESSION_COOKIE_PATH: '/ops' }, 'session'],
  [{ APP_SESSION_COOKIE_DOMAIN: 'example.com' }, 'session'],
  [{ APP_SESSION_COOKIE_NAME: 'desk' }, '__Host-desk'],
  [{ APP_SESSION_COOKIE_NAME: '__Secure-desk' }, '__Secure-desk'],
  [{ APP_SESSION_COOKIE_NAME: '__Host-desk' }, '__Host-desk'],
])('with %o the session cookie is named %s', async (vars, name) => {
  const { app } = await openDoor({ ...PRODUCTION, vars: { ...PRODUCTION.vars, ...vars } });
  const response = await request(app).post('/ops/login').set(HTTPS).send(ADMIN);
  const names = setCookies(response).map((cookie) => cookie.split('=')[0]);
  expect(names).toEqual(expect.arrayContaining([name]));
});

test('over plain http a page tells its own site the referrer, which older browsers need', async () => {
  const { app } = await openDoor();
  const { headers } = await request(app).get('/ops/login');
  expect(headers).toMatchObject({
    'content-security-policy': POLICY,
    'referrer-policy': 'same-origin',
  });
});

test.each([
  ['60', 'max-age=60; includeSubDomains'],
  ['31536000', 'max-age=63072000; includeSubDomains'],
  ['94608000', 'max-age=94608000; includeSubDomains'],
])('with HSTS_MAX_AGE %s Strict-Transport-Security is %s', async (maxAge, expected) => {
  const vars = { ...PRODUCTION.vars, APP_HSTS_MAX_AGE: maxAge };
  const { app } = await openDoor({ ...PRODUCTION, vars });
  const { headers } = await request(app).get('/ops/login').set(HTTPS);
  expect(headers['strict-transport-security']).toBe(expected);
});

function expectOnlyCheckedFiles(page: string): void {
  const files = page.match(/<(?:script|link rel="stylesheet")[^>]*>/g) ?? [];
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    expect(file).toMatch(/(?:src|href)="\/assets\/[^"]+" integrity="sha384-[\w+/]{64}"/);
  }
  expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]* src=)|javascript:/i);
}
