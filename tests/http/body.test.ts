import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request as rawRequest } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { makeApp, place } from '../support/app.ts';

const LIMIT = 1000;
const PATH = '/api/greetings';
const JSON_TYPE = { 'Content-Type': 'application/json' };
const small = () => makeApp({ overrides: { MAX_CONTENT_LENGTH: LIMIT } });

/** The whole answer but the request id. */
function withoutId({ status, type, body }: request.Response) {
  const { requestId, ...rest } = body;
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  return { status, type, body: rest };
}

function problem(status: number, title: string, members: object = {}) {
  const body = { type: 'about:blank', title, status, ...members };
  return { status, type: 'application/problem+json', body };
}

function send(app: App, body: string | Buffer, headers: Record<string, string> = {}) {
  const serialize = (text: unknown) => text as string;
  return request(app)
    .post(PATH)
    .set({ ...JSON_TYPE, ...headers })
    .serialize(serialize)
    .send(body);
}

describe('a body over MAX_CONTENT_LENGTH is a 413', () => {
  const large = JSON.stringify({ name: 'x'.repeat(LIMIT) });

  test('where its length is declared, and the connection ends', async () => {
    const response = await send(await small(), large);
    expect(withoutId(response)).toEqual(problem(413, 'Payload Too Large'));
    expect(response.headers['connection']).toBe('close');
  });

  test('where it is streamed in chunks', async () => {
    const response = await stream(await small(), large);
    expect(response).toEqual({
      status: 413,
      type: 'application/problem+json',
      connection: 'close',
    });
  });

  test('where it only grows when it is unpacked', async () => {
    const packed = gzipSync(large);
    expect(packed.length).toBeLessThan(LIMIT / 2);
    const response = await send(await small(), packed, { 'Content-Encoding': 'gzip' });
    expect(withoutId(response)).toEqual(problem(413, 'Payload Too Large'));
  });

  test.each(['/', '/livez', '/nothing-here'])('on %s, which reads no body', async (path) => {
    const response = await request(await small())
      .post(path)
      .set(JSON_TYPE)
      .send(large);
    expect(withoutId(response)).toEqual(problem(413, 'Payload Too Large'));
  });

  test('and one of exactly that size is read', async () => {
    const frame = JSON.stringify({ name: 'Ada' });
    const response = await send(await small(), frame.padEnd(LIMIT));
    expect({ status: response.status, body: response.body }).toEqual({
      status: 201,
      body: { greeting: 'Hello, Ada!' },
    });
    expect((await send(await small(), frame.padEnd(LIMIT + 1))).status).toBe(413);
  });

  test('and a reload moves the limit live, for declared and streamed bodies', async () => {
    const instance = { 'config.toml': '[default]\nMAX_CONTENT_LENGTH = 5000' };
    const placed = place({ instance });
    const app = await makeApp({ instance }, placed);
    const tooLong = { status: 422 };
    expect(await send(app, large)).toMatchObject(tooLong);
    expect(await stream(app, large)).toMatchObject(tooLong);
    const text = '[default]\nMAX_CONTENT_LENGTH = 500';
    writeFileSync(join(placed.instanceDir, 'config.toml'), text);
    await app.locals.config.reload();
    expect(await send(app, large)).toMatchObject({ status: 413 });
    expect(await stream(app, large)).toMatchObject({ status: 413 });
  });
});

describe('a body that cannot be read', () => {
  const broken = ['{"name": "canary-1"', '{"name": canary-2}', 'canary-3', '{"canary-4":}', '"x"'];

  test.each(broken)('is a 400 that does not quote it: %s', async (text) => {
    const response = await send(await makeApp(), text);
    expect(withoutId(response)).toEqual(problem(400, 'Bad Request'));
    expect(response.text + JSON.stringify(response.headers)).not.toMatch(/canary/);
  });

  test.each([
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonp',
    'nonsense',
  ])('is a 415 where it is sent as %s', async (type) => {
    const response = await send(await makeApp(), '{"name":"Ada"}', { 'Content-Type': type });
    const detail = 'Send application/json.';
    expect(withoutId(response)).toEqual(problem(415, 'Unsupported Media Type', { detail }));
  });

  test.each([
    ['an unknown charset', { 'Content-Type': 'application/json; charset=klingon' }, 415],
    ['a charset that is not Unicode', { 'Content-Type': 'application/json; charset=latin1' }, 415],
    ['an unknown encoding', { ...JSON_TYPE, 'Content-Encoding': 'canary' }, 415],
    ['an encoding that is only claimed', { ...JSON_TYPE, 'Content-Encoding': 'gzip' }, 400],
  ])('%s is refused', async (_what, headers, status) => {
    const response = await send(await makeApp(), '{"name":"Ada"}', headers);
    const title = status === 415 ? 'Unsupported Media Type' : 'Bad Request';
    expect(withoutId(response)).toEqual(problem(status, title));
  });
});

describe('a body that is JSON of the wrong shape is a 422 with a pointer and a sentence', () => {
  test.each([
    ['{}', ['#/name']],
    ['', ['#/name']],
    ['[]', ['#']],
    ['{"name":""}', ['#/name']],
    ['{"name":"   "}', ['#/name']],
    ['{"name":7}', ['#/name']],
    ['{"name":null}', ['#/name']],
    [`{"name":"${'x'.repeat(81)}"}`, ['#/name']],
    ['{"name":7,"extra":1}', ['#/name', '#/extra']],
    ['{"name":"Ada","__proto__":{"x":1}}', ['#/__proto__']],
  ])('%s', async (text, pointers) => {
    const response = await send(await makeApp(), text);
    const errors = pointers.map((pointer) => ({ pointer, detail: expect.stringMatching(/^\w.+/) }));
    expect(withoutId(response)).toEqual(problem(422, 'Unprocessable Entity', { errors }));
  });

  test('and the server lives on', async () => {
    const app = await makeApp();
    expect((await send(app, '{}')).status).toBe(422);
    expect((await send(app, '{"name":"Ada"}')).status).toBe(201);
  });
});

/** Send a body in two chunks without a declared length. */
async function stream(app: App, body: string) {
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const outgoing = rawRequest({ port, path: PATH, method: 'POST', headers: JSON_TYPE });
  outgoing.on('error', () => undefined);
  outgoing.write(body.slice(0, 10));
  outgoing.end(body.slice(10));
  const [response] = await once(outgoing, 'response');
  response.resume();
  const { 'content-type': type = '', connection } = response.headers;
  return { status: response.statusCode, type: type.split(';')[0], connection };
}
