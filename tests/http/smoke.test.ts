import request from 'supertest';
import { expect, test } from 'vitest';
import { makeApp } from '../support/app.ts';

test('an unknown route is a 404 as problem+json with the request id', async () => {
  const response = await request(await makeApp()).get('/nothing-here');
  expect(response.status).toBe(404);
  expect(response.type).toBe('application/problem+json');
  expect(response.body).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    requestId: response.headers['x-request-id'],
  });
});
