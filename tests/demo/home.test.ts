import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { makeApp, PRODUCTION_VARS } from '../support/app.ts';

test('the home page is HTML with the name and the environment', async () => {
  const response = await request(await makeApp({ overrides: { APP_NAME: 'Ada' } })).get('/');
  expect({ status: response.status, type: response.type }).toEqual({
    status: 200,
    type: 'text/html',
  });
  expect(response.text).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(response.text).toContain('<title>Ada</title>');
  expect(response.text).toContain('<h1>Ada</h1>');
  expect(response.text).toContain('data-environment="testing">testing<');
});

describe('a name with markup in it', () => {
  test.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['Tom & Jerry', 'Tom &amp; Jerry'],
    ['"><img src=x>', '&quot;&gt;&lt;img src=x&gt;'],
    ["it's", 'it&#39;s'],
    ['&lt;', '&amp;lt;'],
  ])('%s is shown as it is, not run', async (name, markup) => {
    const app = await makeApp({ overrides: { APP_NAME: name } });
    const { text } = await request(app).get('/');
    expect(text).toContain(`<title>${markup}</title>`);
    expect(text).toContain(`<h1>${markup}</h1>`);
    if (markup !== name) expect(text).not.toContain(`<h1>${name}`);
  });
});

test('everything that the page links to exists', async () => {
  const app = await makeApp();
  const { text } = await request(app).get('/');
  const links = [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link);
  const answers = [];
  for (const link of links) {
    const { status } = await request(app).get(link.replaceAll('&amp;', '&'));
    answers.push(`${status} ${link.replace(/[0-9a-f]{12}/, 'HASH')}`);
  }
  expect(answers).toEqual([
    '200 /assets/HASH/icon.svg',
    '200 /assets/HASH/strata.css',
    '200 /livez',
    '200 /readyz',
    '200 /api/greetings?name=Ada',
    '422 /api/greetings',
  ]);
});

test('the page needs nothing that its own Content-Security-Policy forbids', async () => {
  const { text } = await request(await makeApp()).get('/');
  expect(text).not.toMatch(/<script|<style|\sstyle=|\son\w+=|https?:\/\//);
});

test('the page holds no secret, in production either', async () => {
  const app = await makeApp({
    env: 'production',
    vars: { ...PRODUCTION_VARS, LOG_LEVEL: 'silent' },
  });
  const { text } = await request(app).get('/');
  expect(text).toContain('data-environment="production"');
  expect(text).not.toContain(PRODUCTION_VARS.SECRET_KEY);
});
