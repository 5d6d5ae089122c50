import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createAuditTrail } from '../../../src/database/audit/trail.ts';
import { lacksChromium, useBrowser } from '../../support/browser.ts';
import { logInByForm, openProduction, visit } from './visit.ts';

const browser = useBrowser();

describe.skipIf(lacksChromium)('the page of the audit trail (needs chromium)', () => {
  test.each([true, false])('filters, pages and exports, with scripts %s', async (scripts) => {
    const { app } = await openProduction();
    const { page, complaints } = await visit(browser(), app, { javaScriptEnabled: scripts });
    await logInByForm(page);
    const { config, database, log } = app.locals;
    const trail = createAuditTrail(config, database, log);
    for (let count = 0; count < 51; count += 1) {
      await trail.record({ action: 'access', actor: 'eve\u202e', outcome: 'refused' });
    }
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByLabel('Action').selectOption('access');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/action=access/);
    expect(await page.locator('tbody tr').count()).toBe(50);
    expect(await page.locator('tbody td').first().innerText()).toBe('eve\\u202e');
    await page.getByRole('link', { name: 'Older' }).click();
    await page.waitForURL(/before=/);
    expect(await page.locator('tbody tr').count()).toBe(1);
    await page.getByRole('link', { name: 'Newest' }).click();
    await page.getByLabel('Outcome').selectOption('failed');

    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export all' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).action)).toEqual([
      'login',
      ...Array(51).fill('access'),
      'audit.export',
    ]);
    expect(complaints).toEqual([]);
  });
});
