import { connect } from 'node:net';
import request from 'supertest';
import { describe, expect, test, vi } from 'vitest';
import { makeApp, PRODUCTION_VARS } from '../support/app.ts';
import { startServer } from '../support/process.ts';
import { captureLog, smallApp } from './small-app.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const fine = (world = {}) => smallApp((_req, res) => void res.send('fine'), world);

test('a request is one line of JSON', async () => {
  const { app, lines } = await fine();
  const { headers } = await request(app).get('/route?page=2');
  expect(lines()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      app: 'Strata',
      requestId: headers['x-request-id'],
      method: 'GET',
      url: '/route?page=2',
      status: 200,
      ms: expect.any(Number),
      address: expect.stringMatching(/127\.0\.0\.1$/),
      msg: 'request',
    },
  ]);
});

test('a 5xx is of level error, a 4xx is not', async () => {
  const { app, lines } = await smallApp((req, res) => {
    res.status(Number(req.query['status'])).end();
  });
  for (const status of [404, 500, 503]) await request(app).get(`/route?status=${status}`);
  expect(lines().map(({ level, status }) => [status, level])).toEqual([
    [404, 'info'],
    [500, 'error'],
    [503, 'error'],
  ]);
});

test.each([
  ['info', []],
  ['debug', ['/livez', '/readyz']],
])('a log of level %s tells of these probes that find all well: %j', async (LOG_LEVEL, told) => {
  const app = await makeApp({ overrides: { LOG_LEVEL } });
  const { lines } = captureLog(app.locals.log);
  for (const path of ['/livez', '/readyz', '/other']) await request(app).get(path);
  expect(lines().map(({ url }) => url)).toEqual([...told, '/other']);
});

test('a probe that is told to go away, as while the app drains, is no error', async () => {
  const app = await makeApp({ overrides: { LOG_LEVEL: 'info' } });
  const { lines } = captureLog(app.locals.log);
  app.locals.readiness.drain();
  await request(app).get('/readyz').expect(503);
  expect(lines()).toMatchObject([{ level: 'info', url: '/readyz', status: 503 }]);
});

describe('X-Request-Id', () => {
  const GIVEN = 'trace-1.from_PROXY';

  test('of a client is not believed where there is no proxy', async () => {
    const { app } = await fine();
    const { headers } = await request(app).get('/route').set('X-Request-Id', GIVEN);
    expect(headers['x-request-id']).toMatch(UUID);
  });

  test('is repeated behind a proxy, in the answer and in the log', async () => {
    const { app, lines } = await fine({ overrides: { TRUST_PROXY_HOPS: 1 } });
    const { headers } = await request(app).get('/route').set('X-Request-Id', GIVEN);
    expect([headers['x-request-id'], lines()[0]?.['requestId']]).toEqual([GIVEN, GIVEN]);
  });

  test.each(['', 'a b', 'x'.repeat(65), '{"a":1}', '\u009b31m', '../..', 'a;b'])(
    'is replaced behind a proxy where it is %j',
    async (given) => {
      const { app } = await fine({ overrides: { TRUST_PROXY_HOPS: 1 } });
      const { headers } = await request(app).get('/route').set('X-Request-Id', given);
      expect(headers['x-request-id']).toMatch(UUID);
    },
  );
});

describe('the address', () => {
  test.each([
    [0, /127\.0\.0\.1$/],
    [1, /^203\.0\.113\.7$/],
  ])('with TRUST_PROXY_HOPS %i is %s', async (hops, address) => {
    const { app, lines } = await fine({ overrides: { TRUST_PROXY_HOPS: hops } });
    await request(app).get('/route').set('X-Forwarded-For', '198.51.100.1, 203.0.113.7');
    expect(lines()[0]?.['address']).toMatch(address);
  });

  test('is also known of who has left before the answer', async () => {
    const { app, lines } = await smallApp((req) => void req.socket.destroy());
    await request(app)
      .get('/route')
      .catch(() => undefined);
    await vi.waitFor(() => expect(lines()).toHaveLength(1));
    expect(lines()).toMatchObject([
      { aborted: true, address: expect.stringMatching(/127\.0\.0\.1$/) },
    ]);
  });

  test('is printable, whatever the header says', async () => {
    const { app, lines } = await fine({ overrides: { TRUST_PROXY_HOPS: 1 } });
    await request(app).get('/route').set('X-Forwarded-For', '\u009b31m\u0085');
    expect(lines()[0]?.['address']).toMatch(/^[\x20-\x7e]*$/);
  });
});

describe('what must not be in a line', () => {
  test.each([
    ['/route?token=canary', '/route?token=***'],
    ['/route?page=1&api_key=canary', '/route?page=1&api_key=***'],
    ['/route?password=canary&page=1', '/route?password=***&page=1'],
    ['/route?next=https%3A%2F%2Fx%3Fpage', '/route?next=https%3A%2F%2Fx%3Fpage'],
  ])('%s is written as %s', async (path, written) => {
    const { app, lines } = await fine();
    await request(app).get(path);
    expect(lines()[0]?.['url']).toBe(written);
  });

  test.each(['onlylowercaselettersinthissecret', 'secret/7'])(
    'the secret %s in use is masked, though it looks like a path',
    async (SECRET_KEY) => {
      const { app, lines } = await fine({ vars: { SECRET_KEY } });
      await request(app).get(`/${SECRET_KEY}`);
      expect(lines()[0]?.['url']).toBe('/***');
    },
  );

  test('a secret in use is masked, plain or encoded', async () => {
    const secret = 'canary+of/this=application&here';
    const { app, raw } = await fine({ vars: { SECRET_KEY: secret } });
    for (const text of [
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64url'),
      Buffer.from(secret).toString('hex'),
    ]) {
      await request(app).get(`/route/${text}`);
      expect(raw.at(-1)).toContain('"url":"/route/***"');
    }
  });

  test('error messages lose the secrets in use and stay one line', async () => {
    const { app, raw } = await smallApp(
      () => {
        throw new Error(`no\n\u001b[31m\u2028 ${PRODUCTION_VARS.SECRET_KEY}`);
      },
      { env: 'production', vars: PRODUCTION_VARS },
    );
    await request(app).get('/route');
    const line = raw.find((text) => text.includes('request failed')) ?? '';
    expect(line).not.toContain(PRODUCTION_VARS.SECRET_KEY);
    expect(line.trimEnd()).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(line).err.message).toBe('no\\u000a\\u001b[31m\\u2028 ***');
  });
});

test('control characters, ESC and U+2028 in a path never break or steer a line', async () => {
  const server = startServer({ vars: { LOG_LEVEL: 'info' } });
  const { port } = new URL(await server.url());
  const paths = ['/a%0a{"level":"fatal"}', '/b%1b[31m', '/c%E2%80%A8', '/d\u2028', '/e\u009b31m'];
  for (const path of paths) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
  }
  await fetch(`http://127.0.0.1:${port}/last`);
  await vi.waitFor(() => expect(server.stdout).toContain('"/last"'));
  const written = server.stdout.trimEnd().split('\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(server.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]/);
  const urls = written.map((line) => JSON.parse(line)).map(({ url }) => String(url));
  expect(urls.filter((url) => url.startsWith('/')).map((url) => url[1])).toEqual(
    expect.arrayContaining(['a', 'b', 'c', 'l']),
  );
});
