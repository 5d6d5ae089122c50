import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { lacksChromium, useBrowser } from '../../support/browser.ts';
import { ADMIN } from '../door.ts';
import { logInByForm, openProduction, visit } from './visit.ts';

const FLAG = 'FEATURE_SIGNUP_V2';
const browser = useBrowser();

describe.skipIf(lacksChromium)('an operator without a mouse (needs chromium)', () => {
  test('finds a key with a few keystrokes', async () => {
    const { app } = await openProduction();
    const { page, complaints } = await visit(browser(), app);
    await logInByForm(page);
    await page.goto('/ops/config');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.keyboard.press('/');
    await page.keyboard.type('database_url');
    await page.getByText(/^1 of/).waitFor();
    await tabTo(page, 'DATABASE_URL');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'DATABASE_URL' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test.each([
    ['Escape', true],
    ['Escape', false],
    ['Cancel', true],
    ['Cancel', false],
  ])('closes a panel by %s, and is where it was opened, with scripts %s', async (how, scripts) => {
    const { app } = await openProduction();
    const { page, complaints } = await visit(browser(), app, { javaScriptEnabled: scripts });
    await logInByForm(page);
    await page.goto('/ops/flags');
    await tabTo(page, 'Change');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    if (how === 'Cancel') await tabTo(page, how);
    await page.keyboard.press(how === 'Cancel' ? 'Enter' : how);
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await focused(page)).toBe('Change');
    expect(complaints).toEqual([]);
  });

  test('goes back up the page, and never to what the header covers', async () => {
    const { app } = await openProduction();
    const { page } = await visit(browser(), app);
    await logInByForm(page);
    await page.goto('/ops/config');
    await page.getByRole('link', { name: 'VAULT_ADDR' }).focus();
    const header = await page.locator('header').boundingBox();
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Shift+Tab');
      const top = await page.evaluate<number>('document.activeElement.getBoundingClientRect().top');
      expect(top).toBeGreaterThanOrEqual(header?.height ?? Number.POSITIVE_INFINITY);
    }
  });

  test.each([true, false])(
    'logs in, switches a flag, logs out, with scripts %s',
    async (scripts) => {
      const { app } = await openProduction();
      const { page, complaints } = await visit(browser(), app, { javaScriptEnabled: scripts });
      await page.goto('/ops/login');
      await tabTo(page, 'username');
      await page.keyboard.type(ADMIN.username);
      await tabTo(page, 'password');
      await page.keyboard.type(ADMIN.password);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();

      await tabTo(page, 'Flags');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Flags' }).waitFor();
      await tabTo(page, 'Change');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await tabTo(page, 'value false');
      // A group of choices is one stop: the arrows choose in it.
      await tabTo(page, 'value rollout', 'ArrowDown');
      await tabTo(page, 'rollout');
      await page.keyboard.type('25');
      await tabTo(page, 'reason');
      await page.keyboard.type('A quarter first');
      await page.keyboard.press('Enter');
      await page.getByText(`${FLAG} now: on for 25 %.`).waitFor();
      expect(app.locals.flags.explain(FLAG)).toMatchObject({ value: { rollout: 25 } });

      await tabTo(page, 'Log out');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
      expect(complaints).toEqual([]);
    },
  );
});

/** What has the focus: its text, or the name of a field, with its value if it is a choice. */
async function focused(page: Page): Promise<string> {
  return page.evaluate<string>(`
    const { innerText, name, type, value } = document.activeElement;
    innerText || (type === 'radio' ? name + ' ' + value : name)`);
}

async function tabTo(page: Page, wanted: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 50; presses += 1) {
    if ((await focused(page)) === wanted) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${wanted} never gets the focus`);
}
