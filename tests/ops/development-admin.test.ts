import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { makeApp, type Placed, place } from '../support/app.ts';
import { startServer } from '../support/process.ts';
import { logIn, OPERATORS, statusFor, VIEWER } from './door.ts';

const fileOf = ({ instanceDir }: Placed) => join(instanceDir, 'development-admin.json');
const passwordIn = (placed: Placed): string =>
  JSON.parse(readFileSync(fileOf(placed), 'utf8')).password;

/** An app in development with this folder, after the first visit to /ops. */
async function develop(placed: Placed, vars: Record<string, string> = {}) {
  const app = await makeApp({ env: 'development', vars: { LOG_LEVEL: 'silent', ...vars } }, placed);
  await statusFor(app, {});
  return app;
}

test('in development, without operators, admin logs in with the password of the file', async () => {
  const placed = place({});
  const app = await develop(placed);
  const password = passwordIn(placed);
  expect(password).toMatch(/^[\w-]{12}$/);
  const admin = { username: 'admin', password };
  expect(await statusFor(app, await logIn(app, admin))).toBe(200);
  expect(statSync(fileOf(placed)).mode & 0o777).toBe(0o600);
});

test('each machine has another password, and keeps it', async () => {
  const [one, other] = [place({}), place({})];
  await develop(one);
  await develop(other);
  const password = passwordIn(one);
  expect(passwordIn(other)).not.toBe(password);
  const again = await develop(one);
  expect(passwordIn(one)).toBe(password);
  await logIn(again, { username: 'admin', password });
});

test('a file that is broken is made anew', async () => {
  const placed = place({});
  writeFileSync(fileOf(placed), '{"password":');
  const app = await develop(placed);
  await logIn(app, { username: 'admin', password: passwordIn(placed) });
});

test('where operators are listed there is no such admin, though there was one', async () => {
  const placed = place({});
  await develop(placed);
  const admin = { username: 'admin', password: passwordIn(placed) };
  const app = await develop(placed, { OPS_USERS: JSON.stringify(OPERATORS) });
  await expect(logIn(app, admin)).rejects.toThrow('401');
  await logIn(app, VIEWER);
});

test('the start of a server tells the password on the terminal, and its log does not', async () => {
  const server = startServer({ env: 'development' });
  await vi.waitFor(() => expect(server.stderr).toContain('username admin'), 10_000);
  server.process.kill('SIGTERM');
  const { code, stdout, stderr } = await server.ended();
  const [, password = 'none'] =
    /^Operate it at \/ops: username admin, password ([\w-]{12})$/m.exec(stderr) ?? [];
  expect(code).toBe(0);
  expect(password).not.toBe('none');
  expect(stdout).not.toContain(password);
});

test.each(['testing', 'staging', 'production'])('%s has no such admin', async (env) => {
  const vars = {
    SECRET_KEY: 'k'.repeat(32),
    DATABASE_URL: 'sqlite::memory:',
    LOG_LEVEL: 'silent',
  };
  const placed = place({});
  const app = await makeApp({ env, vars }, placed);
  expect(await statusFor(app, {})).toBe(404);
  expect(() => statSync(fileOf(placed))).toThrow('ENOENT');
});
