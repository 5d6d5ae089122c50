import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { PRODUCTION_VARS } from '../support/app.ts';
import { startServer } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { execForm, instructions } from './files.ts';

const [, ...args] = execForm(instructions('HEALTHCHECK')[0]);

test('the health check of the image passes while the app is ready, and not while it drains', async () => {
  const vars = { ...PRODUCTION_VARS, HOST: '127.0.0.1', APP_SHUTDOWN_DRAIN_MS: '60000' };
  const server = startServer({ env: 'production', vars });
  const { port } = new URL(await server.url());
  expect(await check(port)).toBe(0);
  server.process.kill('SIGTERM');
  await server.said(/draining/);
  expect(await check(port)).toBe(1);
});

test('the health check of the image fails where nothing listens', async () => {
  expect(await check(String(await freePort()))).toBe(1);
});

async function check(port: string): Promise<number> {
  const child = spawn(process.execPath, args, { env: { PORT: port } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [code] = await once(child, 'exit');
  return code;
}
