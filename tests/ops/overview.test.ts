import request from 'supertest';
import { expect, test } from 'vitest';
import { logIn, openDoor } from './door.ts';

async function open(path: string) {
  const { app } = await openDoor();
  const { Cookie } = await logIn(app);
  const { text } = await request(app).get(path).set({ Cookie, Accept: 'text/html' }).expect(200);
  return { app, text };
}

test('the overview shows the last changes first, then the sources that are in use', async () => {
  const { app, text } = await open('/ops');
  expect(text.indexOf('Last changes')).toBeLessThan(text.indexOf('Sources'));
  const [table = ''] = text.match(/<table class="sources".*?<\/table>/s) ?? [];
  const [, rest = ''] = text.match(/Off or absent: (.*?)\.<\/p>/) ?? [];
  for (const { source, status } of app.locals.config.sources()) {
    const isUnused = status === 'off' || status === 'absent';
    expect([source, rest.split(', ').includes(source)]).toEqual([source, isUnused]);
    if (!isUnused) expect(table).toContain(source);
  }
  expect(rest.split(', ')).toEqual(expect.arrayContaining(['aws', 'vault']));
});

test('a change that failed stands there as failed, and a reload by the app as its own', async () => {
  const { app, reload } = await openDoor();
  const pass = await logIn(app);
  const change = request(app).post('/ops/flags/FEATURE_SIGNUP_V2').set(pass);
  await change.set('If-Match', '"99"').send({ value: true }).expect(412);
  await reload({ APP_NAME: 'Shop' });
  const { Cookie } = pass;
  const { text } = await request(app).get('/ops').set({ Cookie, Accept: 'text/html' });
  const [table = ''] = text.match(/<table class="changes".*?<\/table>/s) ?? [];
  const cells = (name: string) =>
    [...table.matchAll(new RegExp(`data-label="${name}">(.*?)</td>`, 'g'))].map(([, cell = '']) =>
      cell.replace(/<.*?>/g, ''),
    );
  expect(cells('Who')).toEqual(['the app', 'ada admin', 'ada admin']);
  expect(cells('Outcome')).toEqual([
    'done by: the app; changed: APP_NAME',
    'failed off → on',
    'done off → on',
  ]);
});

test('the page of a key tells of silent layers, and of the key that was meant', async () => {
  const { app, text } = await open('/ops/config/PORT');
  expect(text).toContain('data-label="Says"><span class="muted">nothing</span>');
  const { Cookie } = await logIn(app);
  const missing = await request(app).get('/ops/config/PROT').set({ Cookie }).expect(404);
  expect(missing.body.detail).toBe('PROT is not a configuration key; did you mean PORT?');
});

test('the table of keys says which ones need a restart, and nothing of the others', async () => {
  const { text } = await open('/ops/config?q=port+listen');
  expect(text).toMatch(/data-label="Applies"><span class="muted">restart</);
  const { text: live } = await open('/ops/config?q=log_level');
  expect(live).toContain('data-label="Applies"></td>');
});

test.each(['/ops/config/PORT', '/ops/reload'])('%s leads back to its section', async (path) => {
  expect((await open(path)).text).toContain('<a href="/ops/config">Configuration</a> ›');
});
