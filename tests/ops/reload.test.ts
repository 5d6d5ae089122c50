import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { makeApp, place } from '../support/app.ts';
import { ADMIN, logIn, OPERATORS, statusFor, VIEWER } from './door.ts';

/** An app with operators, whose variables a test may change. */
async function setUp() {
  const vars: Record<string, string> = {
    OPS_USERS: JSON.stringify(OPERATORS),
    APP_CSRF_ENABLED: 'true',
    SECRET_KEY: 'canary-one',
  };
  const app = await makeApp({ vars }, place({}));
  return { app, vars };
}

describe('POST /ops/reload', () => {
  test('applies what changed and answers the masked difference', async () => {
    const { app, vars } = await setUp();
    const pass = await logIn(app);
    Object.assign(vars, { APP_NAME: 'Shop', SECRET_KEY_FALLBACKS: '["canary-two"]', PORT: '81' });
    const { status, body, text } = await request(app).post('/ops/reload').set(pass).send({});
    expect({ status, ...body }).toMatchObject({
      status: 200,
      ok: true,
      version: 2,
      changes: [
        { key: 'APP_NAME', before: { value: 'Strata' }, after: { value: 'Shop' } },
        { key: 'PORT' },
        { key: 'SECRET_KEY_FALLBACKS', after: { value: '***' } },
      ],
      restartRequired: ['PORT'],
      shadowed: [],
    });
    expect(text).not.toContain('canary');
    const shown = await request(app).get('/ops/config').set(pass);
    expect([shown.body.version, shown.body.config.APP_NAME]).toEqual([2, 'Shop']);
    expect(app.locals.config.lastReload()).toMatchObject({ ok: true, by: 'operator ada' });
  });

  test('with { "dryRun": true } tells the same and changes nothing', async () => {
    const { app, vars } = await setUp();
    const pass = await logIn(app);
    vars['APP_NAME'] = 'Shop';
    const dry = await request(app).post('/ops/reload').set(pass).send({ dryRun: true });
    expect(dry.body).toMatchObject({ ok: true, version: 1, changes: [{ key: 'APP_NAME' }] });
    expect(app.locals.config.get('APP_NAME')).toBe('Strata');
    const real = await request(app).post('/ops/reload').set(pass);
    expect(real.body).toEqual({ ...dry.body, version: 2 });
  });

  test('answers 422 with every problem and without a value, and changes nothing', async () => {
    const { app, vars } = await setUp();
    const pass = await logIn(app);
    const before = app.locals.config.snapshot;
    Object.assign(vars, { APP_NAME: 'Shop', APP_CSP: 'x\ncanary', APP_RATE_LIMIT: 'canary' });
    for (const dryRun of [true, false]) {
      const { status, type, body, text } = await request(app)
        .post('/ops/reload')
        .set(pass)
        .send({ dryRun });
      expect({ status, type }).toEqual({ status: 422, type: 'application/problem+json' });
      expect(body).toEqual({
        type: 'about:blank',
        title: 'Unprocessable Entity',
        status: 422,
        detail: 'The new configuration is not valid; nothing was changed.',
        requestId: expect.any(String),
        problems: [
          expect.objectContaining({ key: 'RATE_LIMIT', origin: 'env APP_RATE_LIMIT' }),
          expect.objectContaining({ key: 'CSP', origin: 'env APP_CSP' }),
        ],
      });
      expect(text).not.toContain('canary');
    }
    expect(app.locals.config.snapshot).toBe(before);
  });

  test('takes a form, and sends the browser back to the configuration', async () => {
    const { app, vars } = await setUp();
    const { Cookie, 'X-CSRF-Token': csrfToken } = await logIn(app);
    const post = (fields: object) =>
      request(app).post('/ops/reload').set({ Cookie }).type('form').send(fields);
    vars['APP_NAME'] = 'Shop';
    const { status, headers } = await post({ csrfToken });
    const { config } = app.locals;
    const location = `/ops/config?reloaded=${config.lastReload()?.at}`;
    expect([status, headers['location'], config.version]).toEqual([303, location, 2]);
    const page = (path: string) => request(app).get(path).set({ Cookie, Accept: 'text/html' });
    expect((await page(location)).text).toContain('Version 2 is in use: APP_NAME.');
    // As a replica shows it that did another one.
    const { text } = await page('/ops/config?reloaded=1');
    expect(text).toContain('Reloaded by another replica, or again since then.');
    expect(text).not.toContain('is in use');
  });

  test('a form that ends after the logout brings no session back', async () => {
    const { app } = await setUp();
    const { config } = app.locals;
    const pass = await logIn(app);
    const { Cookie, 'X-CSRF-Token': csrfToken } = pass;
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const reload = config.reload.bind(config);
    config.reload = async (options) => {
      begin();
      await left;
      return reload(options);
    };
    const slow = request(app).post('/ops/reload').set({ Cookie }).type('form').send({ csrfToken });
    const answer = slow.then(({ status }) => status);
    await begun;
    await request(app).post('/ops/logout').set(pass).expect(204);
    leave();
    expect(await answer).toBe(303);
    expect(await statusFor(app, pass)).toBe(401);
  });

  test.each([
    ['without the CSRF token', 403, { 'X-CSRF-Token': '' }, {}],
    ['of another site', 403, { 'Sec-Fetch-Site': 'cross-site' }, {}],
    ['with a member that is not known', 422, {}, { dryrun: true }],
    ['with a text for the dry run', 422, {}, { dryRun: 'yes' }],
  ])('%s is refused with %i and reloads nothing', async (_, expected, headers, body) => {
    const { app, vars } = await setUp();
    const pass = { ...(await logIn(app)), ...headers };
    vars['APP_NAME'] = 'Shop';
    const { status } = await request(app).post('/ops/reload').set(pass).send(body);
    expect([status, app.locals.config.version]).toEqual([expected, 1]);
  });

  test('a viewer and a stranger reload nothing', async () => {
    const { app, vars } = await setUp();
    const viewer = await logIn(app, VIEWER);
    vars['APP_NAME'] = 'Shop';
    expect((await request(app).post('/ops/reload').set(viewer)).status).toBe(403);
    expect((await request(app).post('/ops/reload')).status).toBe(401);
    expect(app.locals.config.version).toBe(1);
    expect(app.locals.config.lastReload()).toBeUndefined();
  });

  test('two at once are one', async () => {
    const { app, vars } = await setUp();
    const pass = await logIn(app, ADMIN);
    vars['APP_NAME'] = 'Shop';
    const post = () => request(app).post('/ops/reload').set(pass).send({});
    const answers = await Promise.all([post(), post()]);
    expect(answers.map(({ body }) => body.version)).toEqual([2, 2]);
    expect(app.locals.config.version).toBe(2);
  });
});
