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

test('the table of keys says which ones need a restart, and nothing of the others', async () => {
  const { text } = await open('/ops/config?q=port+listen');
  expect(text).toMatch(/data-label="Applies"><span class="muted">restart</);
  const { text: live } = await open('/ops/config?q=log_level');
  expect(live).toContain('data-label="Applies"></td>');
});

test.each(['/ops/config/PORT', '/ops/reload'])('%s leads back to its section', async (path) => {
  expect((await open(path)).text).toContain('<a href="/ops/config">Configuration</a> ›');
});
