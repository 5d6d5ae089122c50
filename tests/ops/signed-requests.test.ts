import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { sign } from '../../src/http/signature.ts';
import { makeApp } from '../support/app.ts';
import { openDoor } from './door.ts';
import {
  ADMIN_KEY,
  type Forgery,
  makeKey,
  SIGNING_VARS,
  secondsFromNow,
  send,
  VIEWER_KEY,
} from './signer.ts';

const open = () => openDoor({ vars: SIGNING_VARS });
const FLAG = 'FEATURE_SIGNUP_V2';

describe('a signature instead of a session', () => {
  test('an admin key changes a flag, and takes that back', async () => {
    const { app } = await open();
    const changed = await send(app);
    expect(changed.body).toMatchObject({ ok: true, name: FLAG, value: true });
    expect(app.locals.flags.isOn(FLAG)).toBe(true);
    const undone = await send(app, { method: 'delete' });
    expect(undone.body).toMatchObject({ ok: true, name: FLAG, value: false });
  });

  test('a viewer key reads the configuration, masked, and changes nothing', async () => {
    const { app } = await open();
    const { key } = VIEWER_KEY;
    const read = await send(app, { key, method: 'get', path: '/ops/config' });
    expect(read.body).toMatchObject({
      environment: 'testing',
      config: { OPS_SIGNING_KEYS: '***' },
    });
    expect(read.text).not.toContain(key.slice(8, 20));
    expect((await send(app, { key })).status).toBe(403);
    expect(app.locals.flags.isOn(FLAG)).toBe(false);
  });

  test('no session comes of it, and the answer is JSON whatever it accepts', async () => {
    const { app } = await open();
    const headers = { accept: 'text/html' };
    const response = await send(app, { method: 'get', path: '/ops/config', headers });
    expect(response.type).toBe('application/json');
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  test('what the route refuses from people it refuses from machines', async () => {
    const { app } = await open();
    expect((await send(app, { payload: { value: 'perhaps' } })).status).toBe(422);
    expect((await send(app, { path: '/ops/flags/FEATURE_UNHEARD_OF' })).status).toBe(404);
  });

  test('the package standardwebhooks signs as we do', async () => {
    const { app } = await open();
    const action = 'POST /ops/flags/FEATURE_SIGNUP_V2';
    const body = JSON.stringify({ action, audience: 'testing/Strata', value: true });
    const now = new Date();
    const headers = {
      'webhook-id': 'one',
      'webhook-signature': new Webhook(ADMIN_KEY.key).sign('one', now, body),
    };
    const timestamp = String(Math.floor(now.getTime() / 1000));
    expect((await send(app, { sent: body, timestamp, headers })).status).toBe(200);
  });

  test('a body is JSON whatever type it is sent as', async () => {
    const { app } = await open();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await send(app, { headers });
    expect([response.status, response.body.value]).toEqual([200, true]);
  });

  test('signing keys alone open the door', async () => {
    const app = await makeApp({ vars: SIGNING_VARS });
    expect((await send(app)).status).toBe(200);
  });
});

describe('one 401 for every fault', () => {
  const body = (action: string) =>
    JSON.stringify({ action, audience: 'testing/Strata', value: true });
  const faults: [what: string, Forgery][] = [
    ['another key', { key: makeKey() }],
    ['another body than the signed one', { sent: `${body('POST /ops/flags/FEATURE_SIGNUP_V2')} ` }],
    ['an empty body', { sent: '' }],
    ['six minutes ago', { timestamp: secondsFromNow(-360) }],
    ['six minutes ahead', { timestamp: secondsFromNow(360) }],
    ['a timestamp with a fraction', { timestamp: `${secondsFromNow(0)}.0` }],
    ['a timestamp in hexadecimal', { timestamp: `0x${Number(secondsFromNow(0)).toString(16)}` }],
    ['a timestamp with a sign', { timestamp: `+${secondsFromNow(0)}` }],
    ['a timestamp in milliseconds', { timestamp: `${secondsFromNow(0)}000` }],
    ['no timestamp', { timestamp: '' }],
    ['no id', { id: '' }],
    ['an id of 129 characters', { id: 'x'.repeat(129) }],
    ['another flag', { action: 'POST /ops/flags/FEATURE_NEW_CHECKOUT' }],
    ['another method', { action: 'DELETE /ops/flags/FEATURE_SIGNUP_V2' }],
    ['no action', { action: null }],
    ['an action that is no text', { action: ['POST /ops/flags/FEATURE_SIGNUP_V2'] }],
    ['another environment', { audience: 'production/Strata' }],
    ['another app', { audience: 'testing/Other' }],
    ['no audience', { audience: null }],
    ['an empty signature', { headers: { 'webhook-signature': '' } }],
    ['a signature of another version', { headers: { 'webhook-signature': 'v2,AAAA' } }],
    ['a route that is not open', { method: 'get', path: '/ops/flags' }],
    ['a method that is not open', { method: 'put' }],
    ['the login', { path: '/ops/login', payload: { username: 'ada', password: 'x' } }],
    ['a body of a GET that was changed', { method: 'get', path: '/ops/config', sent: body('') }],
    ['a body beyond 64 KiB', { payload: { value: true, reason: 'x'.repeat(70_000) } }],
    ['a compressed body', { headers: { 'content-encoding': 'gzip' } }],
  ];

  test.each(faults)('%s', async (_what, forgery) => {
    const { app } = await open();
    const response = await send(app, forgery);
    expect(response.status).toBe(401);
    expect(response.body).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      requestId: expect.any(String),
    });
    expect(app.locals.flags.isOn(FLAG)).toBe(false);
  });

  test('a body that is no JSON, signed well', async () => {
    const { app } = await open();
    const message = { id: 'one', timestamp: secondsFromNow(0), body: 'value=true' };
    const headers = {
      'webhook-id': message.id,
      'webhook-signature': sign(message, ADMIN_KEY.key),
    };
    const { status } = await send(app, {
      sent: message.body,
      timestamp: message.timestamp,
      headers,
    });
    expect(status).toBe(401);
  });
});

describe('keys change without an outage', () => {
  test('two keys at once, then the old one is worth nothing', async () => {
    const { app, reload } = await open();
    const next = { id: 'pipeline-2', key: makeKey(), role: 'admin' };
    await reload({ OPS_SIGNING_KEYS: JSON.stringify([ADMIN_KEY, next]) });
    expect((await send(app)).status).toBe(200);
    expect((await send(app, { key: next.key })).status).toBe(200);
    await reload({ OPS_SIGNING_KEYS: JSON.stringify([next]) });
    expect((await send(app)).status).toBe(401);
    expect((await send(app, { key: next.key })).status).toBe(200);
  });

  test('a sender may sign with several keys', async () => {
    const { app } = await open();
    const action = 'POST /ops/flags/FEATURE_SIGNUP_V2';
    const body = JSON.stringify({ action, audience: 'testing/Strata', value: true });
    const message = { id: 'one', timestamp: secondsFromNow(0), body };
    const signatures = [makeKey(), ADMIN_KEY.key].map((key) => sign(message, key)).join(' ');
    const headers = { 'webhook-id': message.id, 'webhook-signature': signatures };
    expect((await send(app, { sent: body, timestamp: message.timestamp, headers })).status).toBe(
      200,
    );
  });
});
