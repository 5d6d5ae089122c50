import request from 'supertest';
import { describe, expect, test } from 'vitest';
import {
  ADMIN,
  logIn,
  OPERATORS,
  openDoor,
  operator,
  type Pass,
  statusFor,
  VIEWER,
} from './door.ts';

const FLAG = '/ops/flags/FEATURE_SIGNUP_V2';
const SECRET = 'canary/of+the=tests"<&> which is long enough';
const listed = (...users: object[]) => ({ OPS_USERS: JSON.stringify(users) });

/** How a secret would look in the usual encodings. */
function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const html = secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return [
    secret,
    html,
    html.replaceAll('>', '&gt;'),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}

describe('a viewer', () => {
  test.each(['application/json', 'text/html'])(
    'sees the configuration as %s, and no secret in any encoding',
    async (Accept) => {
      const vars = { SECRET_KEY: SECRET, SECRET_KEY_FALLBACKS: JSON.stringify([`${SECRET}!`]) };
      const { app } = await openDoor({ vars });
      const pass = await logIn(app, VIEWER);
      const response = await request(app)
        .get('/ops/config')
        .set({ ...pass, Accept });
      expect([response.status, response.type]).toEqual([200, Accept]);
      expect(response.text).toContain('SECRET_KEY');
      const everything = `${response.text}\n${JSON.stringify(response.headers)}`;
      const hashes = OPERATORS.map(({ passwordHash }) => passwordHash.split('$').at(-1) ?? '');
      for (const secret of [...encodings(SECRET), ...hashes]) {
        expect(everything).not.toContain(secret);
      }
      expect(response.headers['vary']).toContain('Accept');
    },
  );

  test('sees values with their origins and sources', async () => {
    const { app } = await openDoor({ vars: { APP_APP_NAME: 'Shop' } });
    const { body } = await request(app)
      .get('/ops/config')
      .set(await logIn(app, VIEWER));
    expect(body).toMatchObject({
      environment: 'testing',
      version: 1,
      config: { APP_NAME: 'Shop', SECRET_KEY: '***', SERVER_NAME: null },
      origins: {
        APP_NAME: { layer: 'app-env', source: 'env APP_APP_NAME' },
        SECRET_KEY: { layer: 'class', source: 'TestingConfig' },
        SERVER_NAME: null,
      },
    });
    expect(body.sources.length).toBeGreaterThan(0);
  });

  test('changes nothing, and an admin does', async () => {
    const { app } = await openDoor();
    const change = async (who: typeof ADMIN) =>
      (
        await request(app)
          .post(FLAG)
          .set(await logIn(app, who))
          .send({ value: true })
      ).status;
    expect([await change(VIEWER), app.locals.flags.isOn('FEATURE_SIGNUP_V2')]).toEqual([
      403,
      false,
    ]);
    expect([await change(ADMIN), app.locals.flags.isOn('FEATURE_SIGNUP_V2')]).toEqual([200, true]);
  });
});

describe('after a reload, at the next request,', () => {
  const act = async (app: Awaited<ReturnType<typeof openDoor>>['app'], pass: Pass) =>
    (await request(app).post(FLAG).set(pass).send({ value: true })).status;

  test('an admin who became a viewer only looks, and a viewer who became an admin acts', async () => {
    const { app, reload } = await openDoor();
    const [ada, vera] = [await logIn(app, ADMIN), await logIn(app, VIEWER)];
    expect([await act(app, ada), await act(app, vera)]).toEqual([200, 403]);
    const [viewer, admin] = OPERATORS;
    await reload(listed({ ...viewer, role: 'admin' }, { ...admin, role: 'viewer' }));
    expect([await act(app, ada), await act(app, vera)]).toEqual([403, 200]);
    expect([await statusFor(app, ada), await statusFor(app, vera)]).toEqual([200, 200]);
  });

  test('an operator who was removed, or has another password, is out', async () => {
    const { app, reload } = await openDoor();
    const [ada, vera] = [await logIn(app, ADMIN), await logIn(app, VIEWER)];
    await reload(listed(operator({ ...VIEWER, password: 'a new one' }, 'viewer')));
    expect([await statusFor(app, ada), await statusFor(app, vera)]).toEqual([401, 401]);
    await expect(logIn(app, ADMIN)).rejects.toThrow('401');
    await expect(logIn(app, VIEWER)).rejects.toThrow('401');
    expect(await statusFor(app, await logIn(app, { ...VIEWER, password: 'a new one' }))).toBe(200);
  });

  test('an operator of the same name as a removed one inherits no session', async () => {
    const { app, reload } = await openDoor();
    const ada = await logIn(app, ADMIN);
    await reload(listed(OPERATORS[0] ?? {}));
    await reload(listed(operator({ ...ADMIN, password: 'another ada' }, 'admin')));
    expect(await statusFor(app, ada)).toBe(401);
  });
});
