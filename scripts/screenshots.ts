// Makes pictures of the operator's pages: light and dark, wide and narrow.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { createApp } from '../src/app.ts';
import { hashPassword } from '../src/config/password.ts';

const PASSWORD = 'for the pictures alone';
const PAGES = {
  login: '/ops/login',
  overview: '/ops',
  config: '/ops/config',
  key: '/ops/config/DATABASE_URL',
  flags: '/ops/flags',
  change: '/ops/flags',
  audit: '/ops/audit',
  reload: '/ops/reload',
};
const SIZES = {
  wide: { width: 1280, height: 800 },
  narrow: { width: 390, height: 844 },
};

interface Looks {
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

const [environment = 'production'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'shop-'));
const instanceDir = join(folder, 'instance');
mkdirSync(instanceDir, { mode: 0o700 });
const settings =
  '[default]\nAPP_NAME = "Shop"\nDATABASE_URL = "sqlite:shop.db"\nLOG_LEVEL = "warn"\n';
const configFile = join(instanceDir, 'config.toml');
writeFileSync(configFile, settings, { mode: 0o600 });
const processEnv = {
  SECRET_KEY: 'only-for-pictures-and-long-enough-for-production',
  DATABASE_URL: 'sqlite::memory:',
  TRUST_PROXY_HOPS: '1',
  APP_LOG_LEVEL: 'silent',
  APP_SESSION_STORE: 'memory',
  OPS_USERS: JSON.stringify([
    { username: 'ada', passwordHash: await hashPassword(PASSWORD), role: 'admin' },
  ]),
};
await using app = await createApp(environment, { instanceDir, processEnv });
// What a reload would find.
Object.assign(processEnv, { PORT: '8080', APP_CORS_ORIGINS: '["https://shop.example"]' });
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' ? address?.port : undefined;
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
try {
  await changeFlag(browser);
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      await takePictures(browser, { colorScheme, viewport }, `${colorScheme}-${size}`);
    }
  }
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
console.log(folder);

async function changeFlag(browser: Browser): Promise<void> {
  const page = await openPage(browser);
  await logIn(page);
  await page.goto('/ops/flags');
  await page.getByRole('button', { name: 'Change FEATURE_SIGNUP_V2' }).click();
  const panel = page.getByRole('dialog');
  await panel.getByLabel('% of users').fill('25');
  await panel.getByLabel('Reason').fill('A quarter first');
  await panel.getByLabel('For how long').selectOption('1 week');
  await panel.getByRole('button', { name: 'Change in' }).click();
  await page.locator('.notice').waitFor();
  await page.context().close();
}

async function takePictures(browser: Browser, looks: Looks, suffix: string): Promise<void> {
  const page = await openPage(browser, looks);
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(path);
    if (name === 'change')
      await page
        .getByRole('button', { name: /^Change/ })
        .first()
        .click();
    const whole = looks.viewport.width < 600 && path !== '/ops/config';
    await page.screenshot({ path: join(folder, `${name}-${suffix}.png`), fullPage: whole });
    if (name === 'login') await logIn(page);
  }
  await page.context().close();
}

async function openPage(browser: Browser, looks: Partial<Looks> = {}): Promise<Page> {
  const context = await browser.newContext({
    ...looks,
    baseURL: `http://127.0.0.1:${port}`,
    // As a proxy that speaks https would say.
    extraHTTPHeaders: { 'X-Forwarded-Proto': 'https' },
  });
  return context.newPage();
}

async function logIn(page: Page): Promise<void> {
  await page.goto('/ops/login');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
}
