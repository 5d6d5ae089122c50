import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { place } from '../../support/app.ts';
import { lacksChromium, useBrowser } from '../../support/browser.ts';
import { VIEWER } from '../door.ts';
import { logInByForm, openProduction, visit } from './visit.ts';

const FLAG = 'FEATURE_SIGNUP_V2';
const INSTANCE = { 'config.toml': '[default]\nMAX_CONTENT_LENGTH = 1000\n' };
const browser = useBrowser();

describe.skipIf(lacksChromium)('an operator (needs chromium)', () => {
  describe.each([
    ['with scripts', true],
    ['without scripts', false],
  ])('%s', (_how, javaScriptEnabled) => {
    test('finds a key and reads where it comes from', async () => {
      const vars = { APP_MAX_CONTENT_LENGTH: '2000' };
      const { app } = await openProduction({ vars, instance: INSTANCE });
      const { page, complaints } = await visit(browser(), app, { javaScriptEnabled });
      await logInByForm(page);
      await page.getByRole('link', { name: 'Configuration' }).click();
      await page.getByLabel('Find').fill('content length max');
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Filter' }).click();
      await page.getByText(/^1 of \d+ keys$/).waitFor();
      await page.getByLabel('Overridden').check();
      await page.getByRole('link', { name: 'MAX_CONTENT_LENGTH' }).click();
      await page.getByRole('heading', { name: 'MAX_CONTENT_LENGTH' }).waitFor();
      const said = await page.locator('.layers tr:has(.badge)').allInnerTexts();
      expect(said.map((text) => text.split(/\s+/))).toEqual([
        ['app-env', '2000', 'env', 'APP_MAX_CONTENT_LENGTH', 'in', 'use'],
        ['instance', '1000', expect.stringMatching(/config\.toml$/), 'hidden'],
        ['class', '16777216', 'ProductionConfig', 'hidden'],
      ]);
      expect(complaints).toEqual([]);
    });

    test('switches a flag to 25 %, for a reason, and takes it back', async () => {
      const { app } = await openProduction();
      const { page, complaints } = await visit(browser(), app, { javaScriptEnabled });
      await logInByForm(page);
      await page.getByRole('link', { name: 'Flags' }).click();
      await page.getByRole('button', { name: `Change ${FLAG}` }).click();
      const panel = page.getByRole('dialog');
      if (!javaScriptEnabled) await panel.getByLabel('On for').check();
      await panel.getByLabel('% of users').fill('25');
      await panel.getByLabel('Reason').fill('A quarter first');
      await panel.getByLabel('For how long').selectOption('1 hour');
      await panel.getByRole('button', { name: 'Change in production' }).click();
      expect(await noticeOn(page)).toBe(`${FLAG} now: on for 25 %.`);
      expect(stateOf(app)).toMatchObject({
        value: { rollout: 25 },
        override: { by: 'ada', reason: 'A quarter first' },
      });

      await page.getByRole('button', { name: `Change ${FLAG}` }).click();
      await panel.getByRole('button', { name: 'Back to off' }).click();
      expect(await noticeOn(page)).toBe(`${FLAG} now: off.`);
      expect(stateOf(app)?.override).toBeUndefined();
      expect(complaints).toEqual([]);
    });

    test('sees what a reload would change, then reloads', async () => {
      const placed = place({ instance: INSTANCE });
      const { app, vars } = await openProduction({}, placed);
      const { page, complaints } = await visit(browser(), app, { javaScriptEnabled });
      await logInByForm(page);
      Object.assign(vars, { APP_MAX_CONTENT_LENGTH: '3000', PORT: '4000' });
      await page.goto('/ops/config');
      await page.getByRole('link', { name: 'Preview a reload' }).click();
      const rows = await page.locator('tbody tr').allInnerTexts();
      expect(rows.map((row) => row.split(/\s+/))).toEqual([
        ['PORT', '3000', '4000', 'env', 'PORT', 'with', 'a', 'restart'],
        ['MAX_CONTENT_LENGTH', '1000', '3000', 'env', 'APP_MAX_CONTENT_LENGTH', 'at', 'once'],
      ]);
      expect(app.locals.config.get('MAX_CONTENT_LENGTH')).toBe(1000);

      await page.getByRole('button', { name: 'Reload in production' }).click();
      expect(await noticeOn(page)).toBe(
        'Version 2 is in use: MAX_CONTENT_LENGTH. Waiting for a restart: PORT.',
      );
      expect(app.locals.config.get('MAX_CONTENT_LENGTH')).toBe(3000);
      await page.getByRole('link', { name: 'Overview' }).click();
      await page.getByText('PORT waits for a restart').waitFor();
      expect(complaints).toEqual([]);
    });
  });

  test('reads on the page why a configuration is refused', async () => {
    const placed = place({ instance: INSTANCE });
    const { app } = await openProduction({}, placed);
    const { page } = await visit(browser(), app);
    await logInByForm(page);
    writeFileSync(join(placed.instanceDir, 'config.toml'), '[default]\nMAX_CONTENT_LENGTH = "x"\n');
    await page.goto('/ops/reload');
    await page.getByRole('heading', { name: 'Unprocessable' }).waitFor();
    await page.getByText(/^MAX_CONTENT_LENGTH .*config\.toml/).waitFor();
    expect(app.locals.config.get('MAX_CONTENT_LENGTH')).toBe(1000);
  });

  test('is told when somebody else was faster', async () => {
    const { app } = await openProduction();
    const { page } = await visit(browser(), app);
    await logInByForm(page);
    await page.goto('/ops/flags');
    await app.locals.flags.set(FLAG, true, { by: 'grace' });
    await page.getByRole('button', { name: `Change ${FLAG}` }).click();
    const panel = page.getByRole('dialog');
    await panel.getByLabel('Off').check();
    await panel.getByLabel('Reason').fill('Too late');
    await panel.getByRole('button', { name: 'Change in production' }).click();
    await page.getByRole('heading', { name: 'Precondition Failed' }).waitFor();
    await page.getByText('Somebody else was faster.').waitFor();
    expect(stateOf(app)?.value).toBe(true);
  });

  test('who only views finds no switch, and is refused on a page', async () => {
    const { app } = await openProduction();
    const { page } = await visit(browser(), app);
    await logInByForm(page, VIEWER);
    await page.goto('/ops/flags');
    expect(await page.getByRole('button').allInnerTexts()).toEqual(['Log out']);
    await page.goto('/ops/config');
    expect(await page.getByRole('link', { name: 'reload' }).count()).toBe(0);
    await page.goto('/ops/reload');
    await page.getByRole('heading', { name: 'Forbidden' }).waitFor();
    await page.getByText('Your role does not allow that.').waitFor();
  });

  test('sees the overview change by itself, and logs out for good', async () => {
    const { app } = await openProduction();
    const { page, complaints } = await visit(browser(), app);
    await logInByForm(page);
    await page.getByText('0 overridden').waitFor();
    await app.locals.flags.set(FLAG, true, { by: 'grace' });
    await page.getByText('1 overridden').waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await page.context().cookies()).toEqual([]);
    await page.goto('/ops/flags');
    expect(new URL(page.url()).pathname).toBe('/ops/login');
    expect(complaints).toEqual([]);
  });

  test('whose session ends elsewhere is asked to log in, by the overview itself', async () => {
    const { app } = await openProduction();
    const { page } = await visit(browser(), app);
    await logInByForm(page);
    const other = await page.context().newPage();
    await other.goto('/ops');
    await other.getByRole('button', { name: 'Log out' }).click();
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
    await other.close();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  });

  test('types on while the server still looks for the first letters', async () => {
    const { app } = await openProduction();
    const { page, complaints } = await visit(browser(), app);
    await logInByForm(page);
    await page.goto('/ops/config');
    const release = Promise.withResolvers<void>();
    await page.route(/q=port&/, async (route) => {
      await release.promise;
      await route.continue();
    });
    const slow = page.waitForRequest(/q=port&/);
    await page.getByLabel('Find').fill('port');
    await slow;
    await page.getByLabel('Find').fill('database_url');
    await page.getByText(/^1 of/).waitFor();
    const late = page.waitForResponse(/q=port&/);
    release.resolve();
    await (await late).finished();
    expect(await page.locator('tbody a').allInnerTexts()).toEqual(['DATABASE_URL']);
    expect(complaints).toEqual([]);
  });
});

async function noticeOn(page: Page): Promise<string> {
  return (await page.locator('.notice').innerText()).trim();
}

function stateOf({ locals }: Awaited<ReturnType<typeof openProduction>>['app']) {
  return locals.flags.list().find(({ name }) => name === FLAG);
}
