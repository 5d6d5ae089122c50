import request from 'supertest';
import { expect } from 'vitest';
import { PRODUCTION_VARS, type World } from '../support/app.ts';
import { logIn, openDoor } from './door.ts';

export const FLAG = 'FEATURE_SIGNUP_V2';
export const PATH = `/ops/flags/${FLAG}`;
const HTTPS = { 'X-Forwarded-Proto': 'https' };

/** A production app that believes a proxy which says https. */
export const PRODUCTION: World = {
  env: 'production',
  vars: { ...PRODUCTION_VARS, TRUST_PROXY_HOPS: '1', LOG_LEVEL: 'silent' },
};

/** A problem as JSON tells it. */
export const problem = (status: number, title: string, more = {}) => ({
  ...{ type: 'about:blank', title, status, requestId: expect.any(String) },
  ...more,
});

/** An app and its admin, who changes a flag by script (`post`, `take`) and by form (`submit`). */
export async function openFlags(world: World = {}) {
  const { app } = await openDoor(world);
  const pass = await logIn(app, undefined, HTTPS);
  const asked = { ...pass, ...HTTPS };
  const browser = {
    Cookie: pass.Cookie,
    ...HTTPS,
    Accept: 'text/html',
    'Sec-Fetch-Site': 'same-origin',
  };
  return {
    app,
    flags: app.locals.flags,
    post: (body: object, headers = {}, path = PATH) =>
      request(app)
        .post(path)
        .set({ ...asked, ...headers })
        .send(body),
    take: (headers = {}, path = PATH) =>
      request(app)
        .delete(path)
        .set({ ...asked, ...headers }),
    submit: (fields: object, headers = {}, path = PATH) =>
      request(app)
        .post(path)
        .set({ ...browser, ...headers })
        .type('form')
        .send({ csrfToken: pass['X-CSRF-Token'], ...fields }),
    page: (path = '/ops/flags') => request(app).get(path).set(browser),
    list: async () => (await request(app).get('/ops/flags').set(asked)).body.flags,
  };
}
