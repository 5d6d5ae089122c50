import { once } from 'node:events';
import { get } from 'node:http';
import request from 'supertest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { HttpProblem } from '../../src/http/errors.ts';
import { makeApp, PRODUCTION_VARS } from '../support/app.ts';
import { smallApp } from './small-app.ts';

const SECRET = PRODUCTION_VARS.SECRET_KEY;
const ENVIRONMENTS = ['development', 'testing', 'staging', 'production'];

function world(env: string) {
  return { env, vars: PRODUCTION_VARS };
}

describe.each(ENVIRONMENTS)('in %s', (env) => {
  test.each<[string, number, unknown]>([
    ['an error', 500, new Error('canary')],
    ['an error with a cause', 500, new Error('canary', { cause: new Error('canary') })],
    ['an exposed 503', 503, Object.assign(new Error('canary'), { status: 503, expose: true })],
    ['a status that is no error', 500, Object.assign(new Error('canary'), { status: 200 })],
    ['a status that does not exist', 500, Object.assign(new Error('canary'), { status: 999 })],
    ['text', 500, 'canary'],
    ['an object', 500, { status: 404, message: 'canary', toString: () => 'canary' }],
    ['our own problem', 503, new HttpProblem(503, { detail: 'canary' })],
  ])('%s becomes a %i without message or stack', async (_what, status, thrown) => {
    const { app } = await smallApp(() => {
      throw thrown;
    }, world(env));
    const response = await request(app).get('/route');
    const requestId = response.headers['x-request-id'];
    const title = status === 503 ? 'Service Unavailable' : 'Internal Server Error';
    expect(response.status).toBe(status);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toEqual({ type: 'about:blank', title, status, requestId });
    expect(JSON.stringify(response.headers)).not.toContain('canary');
  });

  test('a rejected promise becomes a 500, too', async () => {
    const { app } = await smallApp(async () => Promise.reject(new Error('canary')), world(env));
    const { status, text } = await request(app).get('/route');
    expect({ status, quotes: text.includes('canary') }).toEqual({ status: 500, quotes: false });
  });
});

test('our own problem below 500 carries its details, a foreign one does not', async () => {
  const { app } = await smallApp((req) => {
    if (req.query['own']) throw new HttpProblem(409, { detail: 'That name is taken.' });
    throw Object.assign(new Error('canary'), { status: 409, expose: true });
  });
  const bodies = [];
  for (const query of ['?own=1', '']) bodies.push((await request(app).get(`/route${query}`)).body);
  const common = { type: 'about:blank', title: 'Conflict', status: 409 };
  expect(bodies).toEqual([
    { ...common, detail: 'That name is taken.', requestId: expect.any(String) },
    { ...common, requestId: expect.any(String) },
  ]);
});

describe('the log of a 5xx', () => {
  const fail = () => {
    throw new TypeError(`bad key ${SECRET}`, { cause: new Error(`see ${SECRET}`) });
  };

  test('has type, message and the request id, secrets masked', async () => {
    const { app, lines, raw } = await smallApp(fail, world('production'));
    const { headers } = await request(app).get('/route');
    const [line] = lines().filter(({ msg }) => msg === 'request failed');
    expect(line).toEqual({
      level: 'error',
      time: expect.any(String),
      app: 'Strata',
      requestId: headers['x-request-id'],
      err: {
        type: 'TypeError',
        message: 'bad key ***',
        cause: { type: 'Error', message: 'see ***' },
      },
      msg: 'request failed',
    });
    expect(raw.join('')).not.toContain(SECRET);
  });

  test('with DEBUG has the masked stack, which the answer never has', async () => {
    const { app, lines, raw } = await smallApp(fail, world('development'));
    const { text } = await request(app).get('/route');
    const { err } = lines().find(({ msg }) => msg === 'request failed') ?? {};
    expect(err).toMatchObject({ stack: expect.arrayContaining(['TypeError: bad key ***']) });
    expect(JSON.stringify(err)).toContain('errors.test.ts');
    expect(raw.join('')).not.toContain(SECRET);
    expect(text).not.toMatch(/errors\.test|bad key|\bat /);
  });

  test('has no line for a client fault but the access line', async () => {
    const { app, lines } = await smallApp(() => {
      throw new HttpProblem(404);
    });
    await request(app).get('/route');
    expect(lines().map(({ msg }) => msg)).toEqual(['request']);
  });
});

describe('a path that is not well-formed', () => {
  test.each([
    ['/%', 404],
    ['/%E0%A4%A', 404],
    ['/assets/%/strata.css', 400],
    ['/assets/x/%ff%fe', 400],
  ])('%s is a problem of status %i that does not quote it', async (path, status) => {
    const response = await request(await makeApp()).get(path);
    const title = status === 400 ? 'Bad Request' : 'Not Found';
    expect({ type: response.type, body: response.body }).toEqual({
      type: 'application/problem+json',
      body: { type: 'about:blank', title, status, requestId: response.headers['x-request-id'] },
    });
  });
});

test.each(['/nothing-here', '/assets/%/x'])(
  'HEAD %s has the headers of GET, no body',
  async (p) => {
    const app = await makeApp();
    const [head, full] = [await request(app).head(p), await request(app).get(p)];
    expect(head.status).toBe(full.status);
    expect(head.text ?? '').toBe('');
    const common = ({ headers }: request.Response) => [
      headers['content-type'],
      headers['content-length'],
    ];
    expect(common(head)).toEqual(common(full));
  },
);

test('an error after the headers are sent cuts the connection, and the server lives on', async () => {
  const { app, lines } = await smallApp(async (req, res) => {
    if (req.query['fine']) return void res.send('fine');
    res.write('half');
    throw new Error('canary');
  });
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/route`;
  const outgoing = get(url);
  const [response] = await once(outgoing, 'response');
  let text = '';
  response.on('data', (data: Buffer) => {
    text += data;
  });
  const [cut] = await once(response, 'error');
  expect({ text, code: cut.code }).toEqual({ text: 'half', code: 'ECONNRESET' });
  await vi.waitFor(() =>
    expect(lines().map(({ msg, aborted }) => [msg, aborted])).toEqual([
      ['request failed', undefined],
      ['request', true],
    ]),
  );
  expect((await fetch(`${url}?fine=1`)).status).toBe(200);
});
