import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { expect, test, vi } from 'vitest';
import { ACTIONS } from '../../src/database/audit/entry.ts';
import { captureLog } from '../http/small-app.ts';
import { logIn, openDoor, VIEWER } from './door.ts';
import type { Entry } from './trail.ts';

test('the trail is filtered and paged', async () => {
  const { app } = await openDoor();
  const viewer = await logIn(app, VIEWER);
  for (let count = 0; count < 3; count += 1) await logIn(app);
  const page = async (query: string) => {
    const { body } = await request(app).get(`/ops/audit?${query}`).set(viewer).expect(200);
    return [body.entries.map(({ sequence }: Entry) => sequence), body.next];
  };
  expect(await page('limit=2')).toEqual([[4, 3], 3]);
  expect(await page('limit=2&before=3')).toEqual([[2, 1], null]);
  expect(await page('limit=2&before=1')).toEqual([[], null]);
  expect(await page('actor=ada&limit=1&before=4')).toEqual([[3], 3]);
  expect(await page('actor=ada&limit=2&before=4')).toEqual([[3, 2], null]);
  expect(await page('action=login&actor=vera')).toEqual([[1], null]);
  expect(await page('outcome=failed')).toEqual([[], null]);
});

test.each([
  'limit=0',
  'limit=501',
  'before=x',
  'outcome=maybe',
  'colour=red',
  'actor=a&actor=b',
  'actor=%00',
  'action=a%00',
])('the filter ?%s is refused with 422', async (query) => {
  const { app } = await openDoor();
  const viewer = await logIn(app, VIEWER);
  await request(app).get(`/ops/audit?${query}`).set(viewer).expect(422);
});

test('the page of the trail keeps filter and limit as one pages on', async () => {
  const { app } = await openDoor();
  const { Cookie } = await logIn(app);
  await logIn(app);
  const asked = request(app).get('/ops/audit?actor=ada&limit=1&before=3');
  const { text } = await asked.set({ Cookie, Accept: 'text/html' });
  const same = 'action=&amp;actor=ada&amp;outcome=&amp;limit=1';
  for (const query of [same, `${same}&amp;before=2`]) expect(text).toContain(`href="?${query}"`);
  expect(text).toContain('<input type="hidden" name="limit" value="1">');
});

test('a full page that is the last one leads to no older one', async () => {
  const { app } = await openDoor();
  const { Cookie } = await logIn(app);
  const { text } = await request(app)
    .get('/ops/audit?limit=1')
    .set({ Cookie, Accept: 'text/html' });
  expect(text).toContain('login');
  expect(text).not.toContain('Older');
});

test('an entry tells on the page what a flag was and became, and leaves out what is empty', async () => {
  const { app } = await openDoor();
  const admin = await logIn(app);
  const post = (path: string, body: object) => request(app).post(path).set(admin).send(body);
  const change = { value: { rollout: 25 }, reason: 'A <quarter>', ttlSeconds: 604_800 };
  await post('/ops/flags/FEATURE_SIGNUP_V2', change).expect(200);
  await post('/ops/reload', {}).expect(200);
  for (const path of ['/ops/audit', '/ops']) {
    const { text } = await request(app)
      .get(path)
      .set({ ...admin, Accept: 'text/html' });
    expect(text).toContain('off → on for 25 %, for 7 d: A &lt;quarter&gt;');
    expect(text).not.toMatch(/restartRequired|fingerprints|ttlSeconds|&quot;/);
  }
});

test('the export is every entry as a line of JSON, its own included', async () => {
  const { app } = await openDoor();
  const admin = await logIn(app);
  const { headers, body } = await request(app)
    .get('/ops/audit/export')
    .set(admin)
    .responseType('blob')
    .expect(200);
  expect(headers['content-disposition']).toBe('attachment; filename=audit.jsonl');
  expect(headers['content-type']).toMatch(/^application\/jsonl/);
  const entries = String(body)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
  expect(entries.map(({ sequence, action }) => [sequence, action])).toEqual([
    [1, 'login'],
    [2, 'audit.export'],
  ]);
});

test('a HEAD of the export exports nothing', async () => {
  const { app } = await openDoor();
  const admin = await logIn(app);
  const { headers } = await request(app).head('/ops/audit/export').set(admin).expect(200);
  expect(headers['content-type']).toMatch(/^application\/jsonl/);
  const { body } = await request(app).get('/ops/audit?action=audit.export').set(admin);
  expect(body.entries).toEqual([]);
});

test.each([
  ['its reader leaves is no fault of ours', 'leave', []],
  ['the database fails is one', 'fail', ['request failed']],
])('an export that ends because %s', async (_what, how, logged) => {
  const { app } = await openDoor({ overrides: { LOG_LEVEL: 'info' } });
  const admin = await logIn(app);
  const { lines } = captureLog(app.locals.log);
  const asked = request(app).get('/ops/audit/export').set(admin);
  const hasEnded = () => vi.waitFor(() => expect(lines().at(-1)).toMatchObject({ msg: 'request' }));
  const { query } = app.locals.database;
  vi.spyOn(app.locals.database, 'query').mockImplementation(async (statement) => {
    if (how === 'fail') throw new Error('gone');
    asked.abort();
    await hasEnded();
    return query(statement);
  });
  await asked.catch(() => undefined);
  await hasEnded();
  await new Promise((resolve) => setImmediate(resolve));
  const errors = lines().filter(({ level, msg }) => level === 'error' && msg !== 'request');
  expect(errors.map(({ msg }) => msg)).toEqual(logged);
});

test('the page filters by every action that there is, and the docs tell of each', async () => {
  const { app } = await openDoor();
  const { text } = await request(app)
    .get('/ops/audit')
    .set({ ...(await logIn(app)), Accept: 'text/html' });
  const docs = readFileSync(join(import.meta.dirname, '../../docs/audit.md'), 'utf8');
  const [, table = ''] = docs.split('## ');
  for (const action of ACTIONS) {
    expect(text).toContain(`<option value="${action}"`);
    expect(table).toContain(`\`${action}\``);
  }
});
