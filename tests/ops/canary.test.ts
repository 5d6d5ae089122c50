import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canary, leaksIn } from '../config/canary.ts';
import { placeFiles } from '../support/app.ts';
import { startServer } from '../support/process.ts';
import { operator } from './door.ts';

const JSON_TYPE = 'application/json';
const SECRET = canary();
const ADA = { username: 'ada', password: canary('ada') };
const FLAG = '/ops/flags/FEATURE_SIGNUP_V2';
const signing = `whsec_${Buffer.from(canary('signs')).toString('base64')}`;
const toml = (secret: string) => `[default]\nSECRET_KEY = ${JSON.stringify(secret)}\n`;
const PAGES = [
  ...['/ops', '/ops/config', '/ops/config?overridden=1', '/ops/config/SECRET_KEY'],
  ...['/ops/config/DATABASE_URL', '/ops/config/REDIS_URL', '/ops/config/OPS_SIGNING_KEYS'],
  ...['/ops/config/OPS_USERS', '/ops/flags', '/ops/reload', '/ops/audit', '/ops/audit/export'],
  ...[`/ops/config/${SECRET}`, `/ops/${encodeURIComponent(SECRET)}`, '/', '/livez'],
];

/** A production server with a marked secret in every place, and the files it watches. */
async function serveSecrets() {
  const INSTANCE_DIR = placeFiles({ 'config.toml': toml(canary('shadowed')) });
  const vars = {
    INSTANCE_DIR,
    SECRET_KEY: SECRET,
    APP_SECRET_KEY_FALLBACKS: JSON.stringify([canary('earlier'), SECRET]),
    DATABASE_URL: 'sqlite::memory:',
    REDIS_URL: `redis://:${encodeURIComponent(canary('@:/'))}@127.0.0.1:1/0`,
    OPS_USERS: JSON.stringify([operator(ADA, 'admin')]),
    APP_OPS_SIGNING_KEYS: JSON.stringify([{ id: 'pipeline', key: signing, role: 'admin' }]),
    APP_RATE_LIMIT: '{"LOGIN":{"MAX":100}}',
    TRUST_PROXY_HOPS: '1',
    LOG_LEVEL: 'debug',
  };
  const server = startServer({ env: 'production', vars });
  const edit = (text: string) => writeFileSync(join(INSTANCE_DIR, 'config.toml'), text);
  return { server, url: await server.url(), edit };
}

interface Sent {
  readonly headers?: Record<string, string>;
  readonly body?: Record<string, unknown>;
  readonly type?: 'application/json' | 'application/x-www-form-urlencoded';
}

test('no page, answer, export or line of the log shows a secret', async () => {
  const { server, url, edit } = await serveSecrets();
  const said: string[] = [];
  const statuses = new Set<number>();
  const send = async (method: string, path: string, { headers, body, type = JSON_TYPE }: Sent) => {
    const text = type === JSON_TYPE ? JSON.stringify(body) : new URLSearchParams(Object(body));
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { 'X-Forwarded-Proto': 'https', 'Content-Type': type, ...headers },
      redirect: 'manual',
      ...(body && { body: text }),
    });
    const received = await answer.text();
    statuses.add(answer.status);
    said.push(JSON.stringify([...answer.headers]), received);
    return { answer, received };
  };
  const both = async (method: string, path: string, sent: Sent) => {
    const page = { ...sent.headers, Accept: 'text/html' };
    await send(method, path, { ...sent, headers: page, type: 'application/x-www-form-urlencoded' });
    await send(method, path, sent);
  };
  const { answer, received } = await send('POST', '/ops/login', { body: ADA });
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  const headers = { Cookie: cookies.join('; '), 'X-CSRF-Token': JSON.parse(received).csrfToken };
  const visitAll = async () => {
    for (const path of PAGES) await both('GET', path, { headers });
  };

  await both('POST', '/ops/login', { body: { username: 'ada', password: SECRET } });
  await both('POST', '/ops/login', { body: { username: SECRET, password: SECRET } });
  const strange = { Cookie: `__Host-session=${SECRET}`, Authorization: `Bearer ${SECRET}` };
  await both('GET', '/ops', { headers: strange });
  const body = { value: true, reason: `because of ${SECRET}` };
  await both('POST', FLAG, { headers: { ...headers, 'X-CSRF-Token': SECRET }, body });
  await both('POST', FLAG, { headers: { ...headers, 'If-Match': SECRET }, body });
  await both('POST', FLAG, { headers, body });
  await both('DELETE', `/ops/flags/${SECRET}`, { headers });
  await visitAll();
  edit(toml(canary('next')));
  await both('POST', '/ops/reload', { headers, body: {} });
  edit(`${toml(canary('broken'))}PORT = "${canary('port')}"\n[oops = ${SECRET}`);
  await both('POST', '/ops/reload', { headers, body: {} });
  await visitAll();

  expect([...statuses].sort()).toEqual([200, 303, 401, 403, 404, 412, 422]);
  expect(leaksIn(said.join('\n'))).toEqual([]);
  server.process.kill('SIGTERM');
  const { code, stdout, stderr } = await server.ended();
  expect({ code, leaks: leaksIn(stdout + stderr) }).toEqual({ code: 0, leaks: [] });
  expect(stdout).toContain('"audit":{"sequence":');
});
