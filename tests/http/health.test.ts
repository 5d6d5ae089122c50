import request from 'supertest';
import { expect, test } from 'vitest';
import { makeApp } from '../support/app.ts';

test.each([
  ['/livez', false, 200, 'ok'],
  ['/readyz', false, 200, 'ok'],
  ['/livez', true, 200, 'ok'],
  ['/readyz', true, 503, 'unavailable'],
])('%s, draining %s, is %i %s, and is never kept', async (path, draining, status, text) => {
  const app = await makeApp();
  if (draining) app.locals.readiness.drain();
  const response = await request(app).get(path);
  expect({
    status: response.status,
    body: response.body,
    caching: response.headers['cache-control'],
  }).toEqual({ status, body: { status: text }, caching: 'no-store' });
  expect((await request(app).head(path)).status).toBe(status);
});

test('a closed app is not ready', async () => {
  const app = await makeApp();
  await app.locals.close();
  expect((await request(app).get('/readyz')).status).toBe(503);
});

test('`await using` closes the app at the end of the block', async () => {
  const app = await makeApp();
  {
    await using inside = app;
    expect((await request(inside).get('/readyz')).status).toBe(200);
  }
  expect((await request(app).get('/readyz')).status).toBe(503);
});
