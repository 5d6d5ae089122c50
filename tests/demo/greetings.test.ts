import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { makeApp } from '../support/app.ts';

const PATH = '/api/greetings';
const LONGEST = 'x'.repeat(80);

test.each([
  ['Ada', 'Hello, Ada!'],
  ['  Ada ', 'Hello, Ada!'],
  ['<b>', 'Hello, <b>!'],
  [LONGEST, `Hello, ${LONGEST}!`],
])('%j is greeted, by query and by body, as JSON', async (name, greeting) => {
  const app = await makeApp();
  const byQuery = await request(app).get(PATH).query({ name });
  const byBody = await request(app).post(PATH).send({ name });
  expect([byQuery, byBody].map(({ status, type, body }) => ({ status, type, body }))).toEqual([
    { status: 200, type: 'application/json', body: { greeting } },
    { status: 201, type: 'application/json', body: { greeting } },
  ]);
});

describe('a query that is not valid is a 422', () => {
  test.each([
    ['', ['#/name']],
    ['?name=', ['#/name']],
    ['?name=%20', ['#/name']],
    [`?name=x${LONGEST}`, ['#/name']],
    ['?name=a&name=b', ['#/name']],
    ['?name[x]=a', ['#/name', '#/name%5Bx%5D']],
    ['?name=a&extra=b', ['#/extra']],
    ['?__proto__=a', ['#/name']],
  ])('%s', async (query, pointers) => {
    const { status, type, body } = await request(await makeApp()).get(PATH + query);
    expect({ status, type, title: body.title }).toEqual({
      status: 422,
      type: 'application/problem+json',
      title: 'Unprocessable Entity',
    });
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
      expect.arrayContaining(pointers),
    );
  });
});

test('a body that is not valid is a 422 that names the field', async () => {
  const response = await request(await makeApp())
    .post(PATH)
    .send({ name: '' });
  expect(response.body).toEqual({
    type: 'about:blank',
    title: 'Unprocessable Entity',
    status: 422,
    errors: [{ pointer: '#/name', detail: expect.stringMatching(/too small/i) }],
    requestId: response.headers['x-request-id'],
  });
});
