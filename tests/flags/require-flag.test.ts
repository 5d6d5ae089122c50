import { expect, test } from 'vitest';
import { makeApp } from '../support/app.ts';
import { rawAnswer, serve } from '../support/raw.ts';

const REQUESTS = [
  { method: 'GET' },
  { method: 'HEAD' },
  { method: 'OPTIONS' },
  { method: 'DELETE' },
  { method: 'POST', headers: { 'Content-Type': 'text/plain', 'Content-Length': '2' }, body: '{}' },
  {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': '1' },
    body: '{',
  },
];

test.each(REQUESTS)('a hidden route answers $method as an unknown one: %o', async (request) => {
  const port = await serve(await makeApp());
  const hidden = await rawAnswer(port, { ...request, path: '/signup-v2' });
  const unknown = await rawAnswer(port, { ...request, path: '/unknown-1' });
  expect(hidden).toBe(unknown);
  expect(hidden).toContain('404 Not Found');
});

test('an override shows the route at once, and hides it again', async () => {
  const app = await makeApp();
  const port = await serve(app);
  const status = async () => (await rawAnswer(port, { path: '/signup-v2' })).split('\r\n')[0];
  await app.locals.flags.set('FEATURE_SIGNUP_V2', true);
  expect(await status()).toBe('HTTP/1.1 200 OK');
  await app.locals.flags.unset('FEATURE_SIGNUP_V2');
  expect(await status()).toBe('HTTP/1.1 404 Not Found');
});
