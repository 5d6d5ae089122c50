import request from 'supertest';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ADMIN, logIn, openDoor, operator, VIEWER } from './door.ts';
import { ADMIN_KEY, SIGNING_VARS, send } from './signer.ts';
import { facts, trailOf } from './trail.ts';

test('an entry tells who, from where, by which request, what, and under which configuration', async () => {
  const { app } = await openDoor();
  const admin = await logIn(app);
  const { headers } = await request(app).get('/ops/config').set(admin);
  const { body } = await request(app).get('/ops/audit?limit=1').set(admin);
  expect(body).toEqual({
    entries: [
      {
        sequence: 2,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        actor: 'ada',
        role: 'admin',
        address: expect.stringContaining('127.0.0.1'),
        requestId: headers['x-request-id'],
        action: 'config.read',
        target: 'GET /ops/config',
        outcome: 'done',
        configVersion: 1,
        detail: null,
        keyId: expect.stringMatching(/^[0-9a-f]{16}$/),
        previous: expect.stringMatching(/^[0-9a-f]{64}$/),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        mac: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ],
    next: 2,
  });
});

test('an operator of a long name and a key are told by their names; their secrets are not', async () => {
  const anna = { username: 'anna.longname', password: 'anna knows this' };
  const vars = { ...SIGNING_VARS, OPS_USERS: JSON.stringify([operator(anna, 'admin')]) };
  const { app } = await openDoor({ vars });
  const pass = await logIn(app, anna);
  await send(app).expect(200);
  expect((await trailOf(app, pass)).map(({ actor }) => actor)).toEqual([
    'anna.longname',
    'machine:pipeline',
  ]);
  const bare = ADMIN_KEY.key.slice('whsec_'.length);
  expect(app.locals.config.redact(`it is ${bare}, ${ADMIN_KEY.key}`)).toBe('it is ***, ***');
});

test('logins, good and bad, and logouts are recorded', async () => {
  const { app } = await openDoor();
  await request(app).post('/ops/login').send({ username: 'ada', password: 'wrong' }).expect(401);
  await request(app).post('/ops/login').type('form').send({ username: 'ada', password: 'no' });
  await request(app)
    .post('/ops/logout')
    .set(await logIn(app))
    .expect(204);
  await request(app).post('/ops/logout').expect(204);
  expect((await trailOf(app)).map(facts)).toEqual([
    ['ada', 'login', 'refused', { reason: 'password' }],
    ['ada', 'login', 'refused', { reason: 'password' }],
    ['ada', 'login', 'done'],
    ['ada', 'logout', 'done'],
    ['vera', 'login', 'done'],
  ]);
});

test('a name that nobody has, which may be a password, shows as its fingerprint alone', async () => {
  const { app } = await openDoor();
  for (const username of ['hunter2!', 'hunter2!', 'other']) {
    await request(app).post('/ops/login').send({ username, password: 'x' }).expect(401);
  }
  const trail = await trailOf(app);
  const [first, second, third] = trail.map(({ detail }) => detail);
  expect(first).toEqual({ reason: 'unknown name', fingerprint: expect.stringMatching(/^\w{8}$/) });
  expect(second).toEqual(first);
  expect(third).not.toEqual(first);
  expect(JSON.stringify(trail)).not.toContain('hunter2');
});

test('a name that nobody has is not the operator in whose session it is tried', async () => {
  const { app } = await openDoor();
  const pass = await logIn(app);
  await request(app).post('/ops/login').set(pass).send({ username: 'x', password: 'y' });
  const [failed] = await trailOf(app, pass, '&outcome=refused');
  expect([failed?.actor, failed?.role]).toEqual([null, null]);
});

test('what an operator is refused is recorded: the wrong role, no CSRF token, another site', async () => {
  const { app } = await openDoor();
  const path = '/ops/flags/FEATURE_SIGNUP_V2';
  const viewer = await logIn(app, VIEWER);
  const { Cookie } = await logIn(app);
  await request(app).post(path).set(viewer).send({ value: true }).expect(403);
  await request(app).post(path).set({ Cookie }).send({ value: true }).expect(403);
  await request(app).delete(path).set({ Cookie, Origin: 'https://evil.test' }).expect(403);
  const refused = await trailOf(app, viewer, '&outcome=refused');
  expect(refused.map(facts)).toEqual([
    ['vera', 'access', 'refused', `POST ${path}`, { reason: '403' }],
    ['ada', 'access', 'refused', `POST ${path}`, { reason: '403' }],
    ['ada', 'access', 'refused', `DELETE ${path}`, { reason: '403' }],
  ]);
});

test('who shows no credential leaves no trace, who shows a dead one leaves one a minute', async () => {
  const { app } = await openDoor();
  const dead = { Cookie: 'session=s%3Anot.there' };
  for (const headers of [{}, {}, dead, dead, dead]) {
    await request(app).get('/ops/config').set(headers).expect(401);
  }
  expect((await trailOf(app)).map(facts)).toEqual([
    [null, 'access', 'refused', 'GET /ops/config', { reason: '401' }],
    ['vera', 'login', 'done'],
  ]);
});

test('a network that guesses too much is recorded once more, and then no longer', async () => {
  const vars = { APP_RATE_LIMIT: '{"LOGIN":{"MAX":2}}' };
  const { app } = await openDoor({ vars });
  const viewer = await logIn(app, VIEWER);
  const paths = ['/ops/login', '/ops/LOGIN', '/ops/LOGIN/', '/ops/login', '/ops/login/'];
  for (const [index, status] of [401, 401, 429, 429, 429].entries()) {
    await request(app)
      .post(paths[index] ?? '')
      .send({ ...ADMIN, password: 'wrong' })
      .expect(status);
  }
  expect((await trailOf(app, viewer, '&outcome=refused')).map(facts)).toEqual([
    ['ada', 'login', 'refused', { reason: 'password' }],
    ['ada', 'login', 'refused', { reason: 'password' }],
    [null, 'login', 'refused', 'POST /ops/LOGIN/', { reason: '429' }],
  ]);
});

test('a flood from many networks is cut off, counted, and hides no operator', async () => {
  const vars = { APP_TRUST_PROXY_HOPS: '1', APP_CSRF_ENABLED: 'true' };
  const { app } = await openDoor({ vars });
  const guess = (address: string) =>
    request(app)
      .post('/ops/login')
      .set('X-Forwarded-For', address)
      .send({ username: `nobody-${address}`, password: 'x' })
      .expect(401);
  for (let host = 1; host <= 70; host += 1) await guess(`10.0.${host}.1`);
  const trail = await trailOf(app);
  expect(trail.map(({ outcome }) => outcome)).toEqual([...Array(60).fill('refused'), 'done']);
});

test('reading the configuration is recorded once per session and minute', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { app } = await openDoor();
  const [ada, vera] = [await logIn(app), await logIn(app, VIEWER)];
  const visits = [...[ada, ada, 59, vera, ada], ...[2, vera, ada, 58, ada, vera]];
  for (const visit of visits) {
    if (typeof visit === 'number') vi.setSystemTime(Date.now() + visit * 1000);
    else await request(app).get('/ops/config').set(visit).expect(200);
  }
  const reads = await trailOf(app, vera, '&action=config.read');
  expect(reads.map(({ actor }) => actor)).toEqual(['ada', 'vera', 'ada', 'vera']);
});
