import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { makeApp, place } from '../support/app.ts';
import { makeQuietApp, smallApp } from './small-app.ts';

const CSP =
  "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'";
const ALWAYS = {
  'content-security-policy': CSP,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
};
const HSTS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };
const OF_THE_ANSWER = /^(?:cache-control|connection|content-.*|date|etag|set-cookie|vary)$/;
const POLICY = 'content-security-policy';

describe.each([
  ['testing', ALWAYS],
  ['development', ALWAYS],
  ['staging', { ...ALWAYS, ...HSTS }],
  ['production', { ...ALWAYS, ...HSTS }],
])('in %s', (env, expected) => {
  test.each(['/', '/livez', '/nothing-here'])('%s has exactly these headers', async (path) => {
    const { headers } = await request(await makeQuietApp(env)).get(path);
    const sent = Object.entries(headers).filter(
      ([name]) => name === POLICY || !OF_THE_ANSWER.test(name),
    );
    expect(Object.fromEntries(sent)).toEqual({
      ...expected,
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });
});

test.each([
  [{ PREFERRED_URL_SCHEME: 'http' }, undefined],
  [{ HSTS_MAX_AGE: 60 }, 'max-age=60; includeSubDomains'],
])('in production with %o Strict-Transport-Security is %s', async (overrides, expected) => {
  const { headers } = await request(await makeQuietApp('production', overrides)).get('/livez');
  expect(headers['strict-transport-security']).toBe(expected);
});

test.each([
  ["default-src 'none'", "default-src 'none'"],
  ['', undefined],
])('CSP %j sends %j', async (text, expected) => {
  const { headers } = await request(await makeApp({ overrides: { CSP: text } })).get('/livez');
  expect(headers['content-security-policy']).toBe(expected);
});

test('a header that a handler sets wins', async () => {
  const { app } = await smallApp((_req, res) => {
    res.set({ 'Content-Security-Policy': 'sandbox', 'X-Frame-Options': 'SAMEORIGIN' });
    res.removeHeader('Referrer-Policy');
    res.send('own');
  });
  const { headers } = await request(app).get('/route');
  expect(headers).toMatchObject({
    'content-security-policy': 'sandbox',
    'x-frame-options': 'SAMEORIGIN',
    'x-content-type-options': 'nosniff',
  });
  expect(headers).not.toHaveProperty('referrer-policy');
});

test('a reload changes CSP, HSTS_MAX_AGE and the scheme live, for the next answer', async () => {
  const world = { instance: { 'config.toml': '[default]\nCSP = "sandbox"' } };
  const placed = place(world);
  const app = await makeApp(world, placed);
  const policies = async () => {
    const { headers } = await request(app).get('/livez');
    return [headers['content-security-policy'], headers['strict-transport-security']];
  };
  expect(await policies()).toEqual(['sandbox', undefined]);
  const next = [`CSP = "${CSP}"`, 'HSTS_MAX_AGE = 7', 'PREFERRED_URL_SCHEME = "https"'];
  writeFileSync(join(placed.instanceDir, 'config.toml'), ['[default]', ...next].join('\n'));
  await app.locals.config.reload();
  expect(await policies()).toEqual([CSP, 'max-age=7; includeSubDomains']);
});
