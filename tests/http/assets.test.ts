import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { assetUrl } from '../../src/http/assets.ts';
import { makeQuietApp } from './small-app.ts';

const CSS = assetUrl('strata.css');
const WRONG_HASH = '/assets/000000000000/strata.css';

test('the URL of a file carries a hash of its content', () => {
  expect(CSS).toMatch(/^\/assets\/[0-9a-f]{12}\/strata\.css$/);
  expect(assetUrl('icon.svg').split('/')[2]).not.toBe(CSS.split('/')[2]);
});

test.each([
  ['production', CSS, 'public, max-age=31536000, immutable'],
  ['staging', CSS, 'public, max-age=31536000, immutable'],
  ['development', CSS, 'no-cache'],
  ['testing', CSS, 'no-cache'],
  ['production', WRONG_HASH, 'no-cache'],
  ['development', WRONG_HASH, 'no-cache'],
])('in %s %s is served with Cache-Control: %s', async (env, path, caching) => {
  const response = await request(await makeQuietApp(env)).get(path);
  expect({
    status: response.status,
    type: response.type,
    caching: response.headers['cache-control'],
    etag: response.headers['etag'],
  }).toEqual({ status: 200, type: 'text/css', caching, etag: expect.any(String) });
  expect(response.text).toContain(':root');
});

test('SEND_FILE_MAX_AGE_DEFAULT is the age', async () => {
  const app = await makeQuietApp('production', { SEND_FILE_MAX_AGE_DEFAULT: 60 });
  const { headers } = await request(app).get(CSS);
  expect(headers['cache-control']).toBe('public, max-age=60, immutable');
});

test('a browser that has the file gets 304', async () => {
  const app = await makeQuietApp('production');
  const { headers } = await request(app).get(WRONG_HASH);
  const again = await request(app)
    .get(WRONG_HASH)
    .set('If-None-Match', headers['etag'] ?? '');
  expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
});

describe('the usual 404 problem, not kept for long, answers', () => {
  test.each([
    '/assets',
    '/assets/',
    '/assets/strata.css',
    '/assets/000000000000/',
    '/assets/000000000000/no-such-file.css',
    '/assets/000000000000/..%2f..%2fapp.ts',
    '/assets/000000000000/..%2F..%2F..%2Fpackage.json',
    '/assets/000000000000/%2e%2e',
    '/assets/000000000000/..%5c..%5capp.ts',
    '/assets/..%2f..%2fapp.ts/strata.css/x',
    '/assets/000000000000/%2fetc%2fpasswd',
    '/assets/000000000000/strata.css%00.svg',
    '/assets/000000000000/constructor',
    '/assets/000000000000/__proto__',
  ])('%s', async (path) => {
    const response = await request(await makeQuietApp('production')).get(path);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      requestId: response.headers['x-request-id'],
    });
    expect(response.headers['cache-control']).toBe('no-store, max-age=0');
  });

  test.each(['post', 'put', 'delete'] as const)('a %s of a file', async (method) => {
    expect((await request(await makeQuietApp('production'))[method](CSS)).status).toBe(404);
  });
});

test('a range that does not exist is a 416 problem that no cache keeps', async () => {
  const response = await request(await makeQuietApp('production'))
    .get(CSS)
    .set('Range', 'bytes=9999999-');
  expect({ status: response.status, type: response.type }).toEqual({
    status: 416,
    type: 'application/problem+json',
  });
  expect(response.headers['cache-control']).toBe('no-store, max-age=0');
});
