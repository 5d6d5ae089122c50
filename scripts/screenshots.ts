// Makes pictures of the operator's pages: light and dark, wide and narrow.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { createApp } from '../src/app.ts';
import { hashPassword } from '../src/ops/password.ts';

const PASSWORD = 'for the pictures alone';
const PAGES = {
  login: '/ops/login',
  overview: '/ops',
  config: '/ops/config',
  key: '/ops/config/DATABASE_URL',
  flags: '/ops/flags',
};
const SIZES = {
  wide: { width: 1280, height: 800 },
  narrow: { width: 390, height: 844 },
};

const [environment = 'production'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'strata-screenshots-'));
const instanceDir = join(folder, 'instance');
const secretsDir = join(folder, 'secrets');
for (const path of [instanceDir, secretsDir]) mkdirSync(path, { mode: 0o700 });
writeFileSync(
  join(instanceDir, 'config.toml'),
  '[default]\nAPP_NAME = "Shop"\nDATABASE_URL = "sqlite::memory:"\nLOG_LEVEL = "warn"\n',
  { mode: 0o600 },
);
// So that origins look like those of an app at home.
process.chdir(folder);
await using app = await createApp(environment, {
  instanceDir,
  secretsDir,
  processEnv: {
    SECRET_KEY: 'only-for-pictures-and-long-enough-for-production',
    DATABASE_URL: 'sqlite::memory:',
    TRUST_PROXY_HOPS: '1',
    APP_LOG_LEVEL: 'error',
    APP_SESSION_STORE: 'memory',
    OPS_USERS: JSON.stringify([
      { username: 'ada', passwordHash: await hashPassword(PASSWORD), role: 'admin' },
    ]),
  },
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' ? address?.port : undefined;
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
try {
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

async function takePictures(
  browser: Browser,
  looks: { colorScheme: 'light' | 'dark'; viewport: { width: number; height: number } },
  suffix: string,
): Promise<void> {
  const context = await browser.newContext({
    ...looks,
    baseURL: `http://127.0.0.1:${port}`,
    // As a proxy that speaks https would say.
    extraHTTPHeaders: { 'X-Forwarded-Proto': 'https' },
  });
  const page = await context.newPage();
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(path);
    await page.screenshot({ path: join(folder, `${name}-${suffix}.png`), fullPage: size(path) });
    if (name !== 'login') continue;
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
  }
  await context.close();
}

function size(path: string): boolean {
  return path !== '/ops/config';
}
