import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { lacksChromium, useBrowser } from '../../support/browser.ts';
import { logInByForm, openProduction, visit } from './visit.ts';

const PAGES = ['/ops', '/ops/config', '/ops/config/PORT', '/ops/flags', '/ops/audit'];
const PHONE = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true };
/** A value that takes many words. */
const LONG = {
  rollout: 33.3333,
  variants: { control: 50, 'one-page-with-a-long-name': 50 },
  allow: ['ada', 'bob'],
};
const browser = useBrowser();

describe.skipIf(lacksChromium)('the pages (needs chromium)', () => {
  test.each([768, 900, 1280])('are tables at %i px, and no wider than that', async (width) => {
    const { app } = await openProduction();
    await app.locals.flags.set('FEATURE_SIGNUP_V2', LONG, { by: 'ada', reason: 'x' });
    const { page } = await visit(browser(), app, { viewport: { width, height: 1024 } });
    await logInByForm(page);
    for (const path of PAGES) {
      await page.goto(path);
      const cell = await page.evaluate<string>(
        'getComputedStyle(document.querySelector("tbody td")).display',
      );
      expect([path, cell, await overflowOf(page)]).toEqual([path, 'table-cell', 0]);
    }
  });

  test('fit a phone, and a finger finds everything on them', async () => {
    const { app } = await openProduction({ vars: { FEATURE_SIGNUP_V2: JSON.stringify(LONG) } });
    await app.locals.flags.set('FEATURE_SIGNUP_V2', { ...LONG, rollout: 25 });
    const { page } = await visit(browser(), app, PHONE);
    await page.goto('/ops/login');
    const card = await page.locator('.card').boundingBox();
    expect(card).toMatchObject({ x: 16, width: 320 - 2 * 16 });
    await logInByForm(page);
    for (const path of PAGES) {
      await page.goto(path);
      expect([path, await smallTargets(page), await overflowOf(page)]).toEqual([path, [], 0]);
    }
    await page.goto('/ops/flags');
    await page
      .getByRole('button', { name: /^Change/ })
      .first()
      .click();
    expect(await smallTargets(page)).toEqual([]);
    const dialog = 'document.querySelector("dialog:popover-open")';
    const [inner, outer] = await page.evaluate<number[]>(
      `[${dialog}.scrollWidth, ${dialog}.clientWidth]`,
    );
    expect(inner).toBe(outer);
    const share = await page.getByRole('dialog').getByLabel('% of users').boundingBox();
    const choice = await page.getByRole('dialog').getByLabel('On for').boundingBox();
    expect(middleOf(share)).toBeCloseTo(middleOf(choice), 0);
  });

  test('say on a phone where one is, however far one scrolls', async () => {
    const { app } = await openProduction();
    const { page } = await visit(browser(), app, PHONE);
    await logInByForm(page);
    await page.goto('/ops/config');
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    const link = await page.getByRole('link', { name: 'Flags', exact: true }).boundingBox();
    expect(link?.y).toBeLessThan(0);
    const place = await page.locator('.environment').boundingBox();
    expect(place).toMatchObject({ x: 0, y: 0, width: 320 });
  });

  test('keep an entry of the audit trail to two lines where it has no more to tell', async () => {
    const { app } = await openProduction();
    const { page } = await visit(browser(), app, { viewport: { width: 1280, height: 800 } });
    await logInByForm(page);
    await page.goto('/ops/audit');
    const id = page.locator('tbody .cut').first();
    expect(await id.getAttribute('title')).toMatch(/^[\da-f-]{36}$/);
    expect(await id.innerText()).toBe(await id.getAttribute('title'));
    expect(await linesOf(page, '.cut')).toBe(1);
    expect(await linesOf(page, 'tbody td[data-label=From]')).toBe(2);
  });

  test('show the whole id of a request on a phone, where nothing hovers', async () => {
    const { app } = await openProduction();
    const { page } = await visit(browser(), app, PHONE);
    await logInByForm(page);
    await page.goto('/ops/audit');
    expect(await linesOf(page, '.cut')).toBeGreaterThan(1);
  });
});

function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}

/** What one may touch, is to be seen, and is under 24 px high; a choice is hit by its label. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('a:not(.skip), button, input:not([type=hidden]), select')]
      .filter((one) => one.checkVisibility())
      .map((one) => one.matches('[type=checkbox], [type=radio]') ? one.closest('label') : one)
      .filter((one) => one.offsetHeight < 24)
      .map((one) => one.outerHTML)`);
}

/** How many lines of text the first such element is high, whatever the font. */
function linesOf(page: Page, selector: string): Promise<number> {
  return page.evaluate<number>(`
    (() => {
      const one = document.querySelector('${selector}');
      const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(one);
      const height = one.offsetHeight - parseFloat(paddingTop) - parseFloat(paddingBottom);
      return Math.round(height / parseFloat(lineHeight));
    })()`);
}

function middleOf(box: { readonly y: number; readonly height: number } | null): number {
  if (box === null) throw new Error('it is not to be seen');
  return box.y + box.height / 2;
}
