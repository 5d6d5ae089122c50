import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { placeFiles } from '../support/app.ts';
import { PROJECT, RunningServer, startServer } from '../support/process.ts';

/** A server that logs, and its folders. */
async function start(vars: Record<string, string> = {}) {
  const [instanceDir, secretsDir] = [placeFiles(), placeFiles()];
  const folders = { INSTANCE_DIR: instanceDir, SECRETS_DIR: secretsDir };
  const server = startServer({ env: 'development', vars: { ...folders, ...vars } });
  const url = await server.url();
  return { server, url, instanceDir, secretsDir };
}

function linesWith(server: RunningServer, text: string): Record<string, unknown>[] {
  const lines = server.stdout.trimEnd().split('\n');
  return lines.filter((line) => line.includes(text)).map((line) => JSON.parse(line));
}

describe('SIGHUP', () => {
  test('reloads, leaves one line in the log, and the process lives on', async () => {
    const { server, url } = await start();
    server.process.kill('SIGHUP');
    await server.said(/"by":"SIGHUP"/);
    expect(linesWith(server, 'SIGHUP')).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        app: 'Strata',
        by: 'SIGHUP',
        version: 1,
        changed: [],
        restartRequired: [],
        msg: 'reloaded: nothing is new',
      },
    ]);
    expect((await fetch(`${url}livez`)).status).toBe(200);
  });

  test('applies what changed; the log names keys, and no value', async () => {
    const { server, url, instanceDir, secretsDir } = await start();
    writeFileSync(join(secretsDir, 'secret_key'), 'canary-secret');
    writeFileSync(join(instanceDir, 'config.ts'), 'export default { CSP: "img-src canary" };');
    server.process.kill('SIGHUP');
    await server.said(/"msg":"reloaded"/);
    expect(linesWith(server, '"msg":"reloaded"')).toMatchObject([
      { version: 2, changed: ['CSP', 'SECRET_KEY'] },
    ]);
    const { headers } = await fetch(`${url}livez`);
    expect(headers.get('content-security-policy')).toBe('img-src canary');
    expect(server.stdout + server.stderr).not.toContain('canary');
  });

  test('with a configuration that is not valid changes nothing and says what is wrong', async () => {
    const { server, url, instanceDir } = await start();
    const broken = 'export default { CSP: "x", RATE_LIMIT: "canary" };';
    writeFileSync(join(instanceDir, 'config.ts'), broken);
    server.process.kill('SIGHUP');
    await server.said(/reload refused/);
    const [line] = linesWith(server, 'reload refused');
    expect(line).toMatchObject({ level: 'warn', version: 1 });
    expect(JSON.stringify(line?.['problems'])).toMatch(/RATE_LIMIT .*config\.ts/);
    expect((await fetch(`${url}livez`)).headers.get('content-security-policy')).not.toBe('x');
    expect(server.stdout + server.stderr).not.toContain('canary');
  });

  test('tells of a rotated secret that a variable overrides', async () => {
    const { server, secretsDir } = await start({ APP_SECRET_KEY: 'canary-variable' });
    writeFileSync(join(secretsDir, 'secret_key'), 'canary-file');
    server.process.kill('SIGHUP');
    await server.said(/still overridden/);
    expect(linesWith(server, 'still overridden')).toMatchObject([
      {
        level: 'warn',
        key: 'SECRET_KEY',
        msg: `SECRET_KEY changed in ${secretsDir}/secret_key, still overridden by env APP_SECRET_KEY`,
      },
    ]);
    expect(server.stdout).not.toContain('canary');
  });
});

// util-linux's `script` gives a program a terminal of its own.
const { stdout: version } = spawnSync('script', ['--version'], { encoding: 'utf8' });
const lacksTerminals = !version?.includes('util-linux');

test.skipIf(lacksTerminals)(
  'a terminal that is closed ends the server, as it always did',
  async () => {
    const folder = placeFiles();
    const command = `exec ${process.execPath} ${PROJECT}src/server.ts`;
    const terminal = spawn('script', ['-qfc', command, '/dev/null'], {
      env: { PATH: process.env['PATH'], PORT: '0', INSTANCE_DIR: folder, SECRETS_DIR: folder },
    });
    onTestFinished(() => void terminal.kill('SIGKILL'));
    const server = new RunningServer(terminal);
    await server.said(/look at http:\S+\//);
    const url = /look at (http:\S+\/)/.exec(server.stdout)?.[1] ?? '';
    expect((await fetch(`${url}livez`)).status).toBe(200);
    terminal.kill('SIGKILL');
    await vi.waitFor(() => expect(fetch(`${url}livez`)).rejects.toThrow(), 10_000);
  },
);
