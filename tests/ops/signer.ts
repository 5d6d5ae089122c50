import { randomBytes, randomUUID } from 'node:crypto';
import request from 'supertest';
import type { App } from '../../src/app.ts';
import { createServer } from '../../src/http/node-http.ts';
import { sign } from '../../src/http/signature.ts';
import { openDoor } from './door.ts';

export const ADMIN_KEY = { id: 'pipeline', key: makeKey(), role: 'admin' };
export const VIEWER_KEY = { id: 'dashboard', key: makeKey(), role: 'viewer' };
export const SIGNING_VARS = { OPS_SIGNING_KEYS: JSON.stringify([ADMIN_KEY, VIEWER_KEY]) };

export function makeKey(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** What a test may change in a request that is signed well. */
export interface Forgery {
  readonly key?: string;
  readonly method?: 'get' | 'post' | 'delete' | 'put';
  readonly path?: string;
  readonly action?: unknown;
  readonly audience?: unknown;
  readonly id?: string;
  readonly timestamp?: string;
  readonly payload?: object;
  /** The body that is sent, where it differs from the one that is signed. */
  readonly sent?: string;
  readonly headers?: Record<string, string>;
}

/** The seconds of now and some more, as a timestamp. */
export function secondsFromNow(more: number): string {
  return String(Math.floor(Date.now() / 1000) + more);
}

/** Send a signed request; unless told otherwise, one that turns a flag on. */
export function send(app: App | string, forgery: Forgery = {}): request.Test {
  const { method = 'post', path = '/ops/flags/FEATURE_SIGNUP_V2' } = forgery;
  const isGet = method === 'get';
  const {
    key = ADMIN_KEY.key,
    action = isGet ? '' : `${method.toUpperCase()} ${path}`,
    audience = 'testing/Strata',
    id = randomUUID(),
    timestamp = secondsFromNow(0),
    payload = method === 'post' ? { value: true } : {},
  } = forgery;
  const body = JSON.stringify({ action, audience, ...payload });
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': sign({ id, timestamp, body }, key),
    ...(isGet ? { 'webhook-body': forgery.sent ?? body } : { 'content-type': 'application/json' }),
    ...forgery.headers,
  };
  const call = request(app)[method](path).set(headers);
  return isGet ? call : call.send(forgery.sent ?? body);
}

/** An app that machines can sign requests to, on a port of its own. */
export async function listening(vars: Record<string, string> = {}) {
  const { app } = await openDoor({ vars: { ...SIGNING_VARS, ...vars } });
  const server = createServer({}, app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    app,
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.dispose]: () => server.close(),
  };
}
