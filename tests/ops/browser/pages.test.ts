import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { HtmlValidate } from 'html-validate';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { canary, leaksIn } from '../../config/canary.ts';
import { lacksChromium, useBrowser } from '../../support/browser.ts';
import { logInByForm, openProduction, visit } from './visit.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = [
  '/ops',
  '/ops/config',
  '/ops/config/SECRET_KEY',
  '/ops/flags',
  '/ops/audit',
  '/ops/reload',
  '/ops/nothing-here',
];
const browser = useBrowser();
const markup = new HtmlValidate({ extends: ['html-validate:recommended'] });

/** A world with a secret in every place that a page may tell of. */
const SECRETIVE = {
  vars: {
    SECRET_KEY: canary(),
    APP_SECRET_KEY: canary('"<b>'),
    DATABASE_URL: `sqlite::memory:`,
    REDIS_URL: `redis://:${encodeURIComponent(canary('@:/'))}@127.0.0.1:1/0`,
  },
  instance: { 'config.toml': `[default]\nSECRET_KEY = "${canary()}"\n` },
};

describe.skipIf(lacksChromium)('every operator page (needs chromium)', () => {
  describe.each([
    ['light', { width: 1280, height: 800 }],
    ['dark', { width: 390, height: 844 }],
  ] as const)('in %s at %o', (colorScheme, viewport) => {
    test('is accessible, valid, free of complaints, and shows no secret', async () => {
      const { app } = await openProduction(SECRETIVE);
      const { page, complaints } = await visit(browser(), app, { colorScheme, viewport });
      await page.goto('/ops/login');
      const found = { '/ops/login': await faultsOf(page) };
      await logInByForm(page);
      for (const path of PAGES) {
        await page.goto(path);
        Object.assign(found, { [path]: await faultsOf(page) });
      }
      const perfect = { axe: [], markup: [], leaks: [], overflow: 0 };
      const paths = ['/ops/login', ...PAGES];
      expect(found).toEqual(Object.fromEntries(paths.map((path) => [path, perfect])));
      expect(complaints.filter((text) => !text.includes('status of 404'))).toEqual([]);
    }, 90_000);
  });
});

test.skipIf(lacksChromium)('the panel of a flag is accessible, too (needs chromium)', async () => {
  const { app } = await openProduction();
  const { page } = await visit(browser(), app, { colorScheme: 'dark' });
  await logInByForm(page);
  await page.goto('/ops/flags');
  await page
    .getByRole('button', { name: /^Change/ })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
  expect((await faultsOf(page)).axe).toEqual([]);
});

async function faultsOf(page: Page) {
  // The answer as it was sent: scripts may have changed what is shown.
  // Axe may take longer than the server keeps an idle connection.
  const headers = { Accept: 'text/html' };
  const sent = await page.request.get(page.url(), { headers, maxRetries: 1 });
  const text = await sent.text();
  const { results } = await markup.validateString(text);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return {
    axe: violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`)),
    markup: results.flatMap(({ messages }) =>
      messages.map(({ ruleId, message }) => `${ruleId}: ${message}`),
    ),
    leaks: leaksIn(text + (await page.content())),
    overflow: await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    ),
  };
}
