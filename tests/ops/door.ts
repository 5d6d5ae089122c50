import { argon2Sync, randomBytes } from 'node:crypto';
import request from 'supertest';
import type { App } from '../../src/app.ts';
import { makeApp, type Placed, place, type World } from '../support/app.ts';

export type Role = 'viewer' | 'admin';

/** The operators that most tests know. */
export const VIEWER = { username: 'vera', password: 'vera knows this' };
export const ADMIN = { username: 'ada', password: 'ada knows this' };

/** A hash that costs next to nothing to check; `hashPassword` makes real ones. */
export function cheapHash(password: string): string {
  const nonce = randomBytes(16);
  const cost = { memory: 8, passes: 1, parallelism: 1, tagLength: 32 };
  const hash = argon2Sync('argon2id', { message: password, nonce, ...cost });
  const [salt, digest] = [nonce, hash].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$argon2id$v=19$m=8,t=1,p=1$${salt}$${digest}`;
}

/** An entry of OPS_USERS. */
export function operator({ username, password }: typeof VIEWER, role: Role) {
  return { username, passwordHash: cheapHash(password), role };
}

export const OPERATORS = [operator(VIEWER, 'viewer'), operator(ADMIN, 'admin')];

/** An app with a viewer and an admin, CSRF on. `vars` may be changed before a reload. */
export async function openDoor(world: World = {}, placed: Placed = place(world)) {
  const vars: Record<string, string> = {
    OPS_USERS: JSON.stringify(OPERATORS),
    APP_CSRF_ENABLED: 'true',
    ...world.vars,
  };
  const app = await makeApp({ ...world, vars }, placed);
  const reload = async (changed: Record<string, string>) => {
    Object.assign(vars, changed);
    await app.locals.config.reload();
  };
  return { app, reload, vars };
}

/** What a client that has logged in sends along. */
export type Pass = Readonly<Record<'Cookie' | 'X-CSRF-Token', string>>;

/** Log in as a script does. @throws when that fails */
export async function logIn(app: App, who = ADMIN, headers = {}): Promise<Pass> {
  const response = await request(app).post('/ops/login').set(headers).send(who);
  if (response.status !== 200) throw new Error(`login: ${response.status} ${response.text}`);
  return { Cookie: cookieOf(response), 'X-CSRF-Token': response.body.csrfToken };
}

/** The cookies that an answer sets, as a browser would send them back. */
export function cookieOf(response: request.Response, name = 'session'): string {
  const cookies = setCookies(response).map((cookie) => cookie.split(';')[0] ?? '');
  return cookies
    .filter((cookie) => cookie.replace('__Host-', '').startsWith(`${name}=`))
    .join('; ');
}

export function setCookies(response: request.Response): string[] {
  return [response.headers['set-cookie'] ?? []].flat();
}

/** The status of an operator's page for who shows these headers. */
export async function statusFor(app: App, pass: Partial<Pass>): Promise<number> {
  return (await request(app).get('/ops/config').set(pass)).status;
}
