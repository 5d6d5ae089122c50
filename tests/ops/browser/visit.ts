import { once } from 'node:events';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import type { App } from '../../../src/app.ts';
import { type Placed, PRODUCTION_VARS, place, type World } from '../../support/app.ts';
import { ADMIN, openDoor } from '../door.ts';

/** A production app behind a proxy that speaks https, as far as it can tell. */
export function openProduction(world: World = {}, placed: Placed = place(world)) {
  const vars = { ...PRODUCTION_VARS, TRUST_PROXY_HOPS: '1', LOG_LEVEL: 'silent', ...world.vars };
  return openDoor({ env: 'production', ...world, vars }, placed);
}

export interface Visit {
  readonly page: Page;
  /** What the browser complained of: faults of scripts, of loading, of the security policy. */
  readonly complaints: string[];
}

/** A browser of its own before the app, which listens until the test ends. */
export async function visit(
  browser: Browser,
  app: App,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
  const context = await browser.newContext({
    baseURL: `http://127.0.0.1:${address.port}`,
    extraHTTPHeaders: { 'X-Forwarded-Proto': 'https' },
    ...options,
  });
  onTestFinished(async () => {
    await context.close();
    server.close();
    server.closeAllConnections();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}

/** Log in as a person does. */
export async function logInByForm(page: Page, who = ADMIN): Promise<void> {
  await page.goto('/ops/login');
  await page.getByLabel('Username').fill(who.username);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}
