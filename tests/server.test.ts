import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PRODUCTION_VARS, placeFiles } from './support/app.ts';
import { PROJECT, type RunningServer, startServer } from './support/process.ts';

const LOOPBACK = { HOST: '127.0.0.1' };

describe('a port that is in use', () => {
  test('ends the start with the port, the way out and exit 1', async () => {
    const port = await takePort();
    const { code, stdout, stderr } = await startServer({ vars: { PORT: String(port) } }).ended();
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        'The server cannot start:',
        '',
        `  PORT ${port} is already in use on 127.0.0.1`,
        '    do:    end the other program, or set PORT to another number (0 takes any free one)',
        '',
      ].join('\n'),
    });
  });

  test('an address that is not of this machine is said as plainly', async () => {
    const { code, stderr } = await startServer({ vars: { HOST: '192.0.2.1' } }).ended();
    expect({ code, first: stderr.split('\n')[2] }).toEqual({
      code: 1,
      first: '  PORT 0 on 192.0.2.1: EADDRNOTAVAIL',
    });
  });
});

describe('production', () => {
  test('refuses to start with one list of every problem, without a value', async () => {
    const vars = {
      ...LOOPBACK,
      SECRET_KEY: 'shrt-canary',
      APP_DEBUG: 'true',
      APP_CSRF_ENABLED: 'false',
      APP_SESSION_COOKIE_SECURE: 'false',
      APP_PORT: 'canary-port',
      APP_SESION_STORE: 'canary-store',
    };
    const { code, stdout, stderr } = await startServer({ env: 'production', vars }).ended();
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^The configuration for production has 7 problems:\n\n/);
    expect(problemKeys(stderr)).toEqual([
      'CSRF_ENABLED',
      'DATABASE_URL',
      'DEBUG',
      'PORT',
      'SECRET_KEY',
      'SESION_STORE',
      'SESSION_COOKIE_SECURE',
    ]);
    expect(stderr.match(/ {4}do: {4}/g)).toHaveLength(7);
    expect(stderr).not.toMatch(/canary|^\s+at /m);
  });

  test('npm start without secrets exits non-zero and names both', async () => {
    const child = spawn('npm', ['start', '--silent'], {
      cwd: PROJECT,
      env: {
        PATH: process.env['PATH'],
        APP_ENV: 'production',
        SECRETS_DIR: placeFiles(),
        ...LOOPBACK,
      },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => {
      stderr += data;
    });
    const [code] = await once(child, 'close');
    expect(code).not.toBe(0);
    expect(problemKeys(stderr)).toEqual(['DATABASE_URL', 'SECRET_KEY']);
  });

  test('serves with its secrets in the environment', async () => {
    const vars = { ...LOOPBACK, ...PRODUCTION_VARS };
    const server = startServer({ env: 'production', vars });
    const response = await fetch(await server.url());
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('data-environment="production"');
  });

  test('serves with its secrets in files', async () => {
    const secrets = {
      secret_key: PRODUCTION_VARS.SECRET_KEY,
      database_url: PRODUCTION_VARS.DATABASE_URL,
    };
    const server = startServer({ env: 'production', vars: LOOPBACK, secrets });
    expect((await fetch(`${await server.url()}readyz`)).status).toBe(200);
  });
});

describe('the start line', () => {
  test('tells environment, what chose it, version, sources and where to look', async () => {
    const server = startServer({ env: 'dev' });
    const url = await server.url();
    const line = startLine(server);
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      app: 'Strata',
      environment: 'development',
      chosenBy: 'env APP_ENV',
      version: 1,
      sources: expect.arrayContaining(['DevelopmentConfig fresh', 'aws off', 'vault off']),
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/$/),
      msg: `Strata is ready: development (env APP_ENV), look at ${url}`,
    });
  });

  test('shows the public address where SERVER_NAME is set', async () => {
    const vars = { ...LOOPBACK, ...PRODUCTION_VARS, APP_SERVER_NAME: 'app.example.com' };
    const server = startServer({ env: 'production', vars });
    await server.said(/is ready/);
    expect(startLine(server)?.['url']).toBe('https://app.example.com/');
  });
});

describe('.env', () => {
  test('is read in development', async () => {
    const cwd = placeFiles({ '.env': 'APP_APP_NAME="From dotenv"\n' });
    const server = startServer({ cwd });
    await server.url();
    expect(startLine(server)).toMatchObject({ app: 'From dotenv', chosenBy: 'default' });
  });

  test('never replaces a real variable', async () => {
    const cwd = placeFiles({ '.env': 'APP_APP_NAME=dotenv\n' });
    const server = startServer({ cwd, vars: { APP_APP_NAME: 'real' } });
    await server.url();
    expect(startLine(server)?.['app']).toBe('real');
  });

  test.each(['testing', 'staging', 'production'])(
    'is not read in %s, with a warning',
    async (env) => {
      const cwd = placeFiles({ '.env': 'APP_APP_NAME=dotenv\nAPP_DEBUG=true\n' });
      const vars = { ...LOOPBACK, ...PRODUCTION_VARS, LOG_LEVEL: 'info' };
      const server = startServer({ env, cwd, vars });
      await server.url();
      const warnings = lines(server).filter(({ level }) => level === 'warn');
      expect(startLine(server)?.['app']).toBe('Strata');
      expect(warnings.map(({ msg }) => msg)).toEqual([
        '.env is for development alone and was not read: remove it here, and set real variables or secret files',
      ]);
    },
  );

  test('may not choose another environment', async () => {
    const cwd = placeFiles({ '.env': 'APP_ENV=production\n' });
    const { code, stderr } = await startServer({ cwd }).ended();
    expect(code).toBe(1);
    expect(problemKeys(stderr)).toEqual(['APP_ENV']);
  });
});

function lines(server: RunningServer): Record<string, unknown>[] {
  return server.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function startLine(server: RunningServer): Record<string, unknown> | undefined {
  return lines(server).find(({ msg }) => String(msg).includes('is ready'));
}

function problemKeys(stderr: string): string[] {
  return [...stderr.matchAll(/^ {2}(\S+) /gm)].map(([, key = '']) => key).sort();
}

async function takePort(): Promise<number> {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const address = other.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
