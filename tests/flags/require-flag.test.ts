import request from 'supertest';
import { expect, test } from 'vitest';
import { logIn, openDoor } from '../ops/door.ts';
import { makeApp, PRODUCTION_VARS, type World } from '../support/app.ts';
import { type RawRequest, rawAnswer, serve } from '../support/raw.ts';

const FLAG = 'FEATURE_SIGNUP_V2';
const LIMIT = 1000;
const SUBJECT = `subject=${'a'.repeat(36)}`;
const HIDDEN = [
  '/signup-v2',
  '/signup-v2/',
  '/SIGNUP-V2',
  '/signup-v2/more?with=query',
  '/checkout',
];

const sized = (type: string, body: string) => ({
  headers: { 'Content-Type': type, 'Content-Length': String(body.length) },
  body,
});
const chunked = { 'Transfer-Encoding': 'chunked', 'Content-Type': 'application/json' };
/** Bodies that a parser would accept, refuse with 400, 413 or 415, or wait for. */
const BODIES: Pick<RawRequest, 'headers' | 'body'>[] = [
  {},
  { headers: { 'Content-Length': '0' } },
  sized('application/json', '{"name":"ada"}'),
  sized('application/json', '{"broken'),
  sized('application/json; charset=utf-7', '{}'),
  sized('application/x-www-form-urlencoded', 'name=ada'),
  sized('text/plain', 'ada'),
  sized('no type at all', 'ada'),
  sized('application/json', JSON.stringify('x'.repeat(2 * LIMIT))),
  { headers: { ...chunked, 'Content-Encoding': 'br' }, body: '2\r\n{}\r\n0\r\n\r\n' },
  {
    headers: chunked,
    body: `${(2 * LIMIT).toString(16)}\r\n${'x'.repeat(2 * LIMIT)}\r\n0\r\n\r\n`,
  },
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
const CLIENTS: Record<string, string>[] = [
  {},
  { Accept: 'text/html', Cookie: SUBJECT },
  { Accept: 'application/json', Authorization: 'Bearer none' },
  { Accept: 'image/png', 'If-None-Match': '*', Range: 'bytes=0-1' },
  { Origin: 'https://evil.test', 'Access-Control-Request-Method': 'PUT' },
  { 'X-Forwarded-Proto': 'https', Cookie: 'session=s%3Adead.beef' },
  { 'Accept-Encoding': 'gzip', Expect: '100-continue' },
];

/** The requests that a hidden route answers otherwise than an unknown one, by a single byte. */
async function betrayed(world: World): Promise<string[]> {
  const { app } = await openDoor({ ...world, overrides: { MAX_CONTENT_LENGTH: LIMIT } });
  await app.locals.flags.set(FLAG, { rollout: 0, deny: ['a'.repeat(36)] });
  const port = await serve(app);
  const pass = await logIn(app, undefined, { 'X-Forwarded-Proto': 'https' });
  const clients = [...CLIENTS, { ...pass, Cookie: `${pass.Cookie}; ${SUBJECT}` }];
  const differing: string[] = [];
  const ask = async (one: Omit<RawRequest, 'path'>) => {
    const asked = ['/nothing-here', ...HIDDEN].map((path) => rawAnswer(port, { ...one, path }));
    const [unknown, ...hidden] = await Promise.all(asked);
    expect(unknown).toMatch(/^HTTP\/1.1 (?:404|413|100)/);
    expect(unknown).not.toMatch(/^(?:Allow|Set-Cookie):/im);
    const others = HIDDEN.filter((_path, at) => hidden[at] !== unknown);
    differing.push(...others.map((path) => `${path} ${JSON.stringify(one)}`));
  };
  for (const method of METHODS) {
    for (const { headers, ...rest } of BODIES) {
      for (const client of clients)
        await ask({ method, headers: { ...client, ...headers }, ...rest });
    }
  }
  return differing;
}

const PRODUCTION = {
  env: 'production',
  vars: { ...PRODUCTION_VARS, TRUST_PROXY_HOPS: '1', LOG_LEVEL: 'silent' },
};

test.each([
  ['testing', {}],
  ['production', PRODUCTION],
])(
  'in %s, a route whose flag is off answers every request as an unknown one does',
  async (_env, world) => {
    expect(await betrayed(world)).toEqual([]);
  },
);

test('an override shows the route at once, and hides it again', async () => {
  const app = await makeApp();
  const port = await serve(app);
  const status = async () => (await rawAnswer(port, { path: '/signup-v2' })).split('\r\n')[0];
  await app.locals.flags.set(FLAG, true);
  expect(await status()).toBe('HTTP/1.1 200 OK');
  await app.locals.flags.unset(FLAG);
  expect(await status()).toBe('HTTP/1.1 404 Not Found');
});

test('no shared cache gives a visitor the page or the id of another one', async () => {
  const app = await makeApp();
  await app.locals.flags.set('FEATURE_NEW_CHECKOUT', { variants: { blue: 50, red: 50 } });
  const first = await request(app).get('/');
  expect(first.headers).toMatchObject({ 'cache-control': 'private, no-cache' });
  const Cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
  expect(Cookie).toMatch(/^subject=/);
  const checkout = await request(app).get('/checkout').set({ Cookie });
  expect([checkout.status, checkout.headers['vary']]).toEqual([200, 'Cookie']);
});
