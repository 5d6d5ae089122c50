import { describe, expect, test } from 'vitest';
import { PRODUCTION_VARS, placeFiles } from './support/app.ts';
import { runCli } from './support/process.ts';

const CORE = {
  APP_NAME: 'Strata',
  DATABASE_URL: 'sqlite::memory:',
  DEBUG: true,
  ENV: 'testing',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'silent',
  PORT: 0,
  SESSION_STORE: 'memory',
};
const testing = { env: 'testing' };
const lines = (values: object) =>
  `${Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;

describe('show-config', () => {
  test('prints the core keys as sorted KEY=value lines', async () => {
    const ended = await runCli(['show-config'], testing);
    expect(ended).toEqual({ code: 0, stdout: lines(CORE), stderr: '' });
  });

  test('prints the named keys, in any case', async () => {
    const ended = await runCli(['show-config', 'port', 'HOST', 'SECRET_KEY', 'REDIS_URL'], testing);
    const values = { HOST: '127.0.0.1', PORT: 0, REDIS_URL: '(not set)', SECRET_KEY: '***' };
    expect(ended).toEqual({ code: 0, stdout: lines(values), stderr: '' });
  });

  test('--origin adds who said it and what that hides', async () => {
    const world = {
      ...testing,
      vars: { PORT: '3001', APP_PORT: '3002' },
      instance: { 'config.toml': '[default]\nPORT = 3003' },
    };
    const { stdout } = await runCli(['show-config', 'PORT', 'ENV', '--origin'], world);
    expect(stdout.replace(/ \/\S+\/(?=config)/g, ' ')).toBe(
      [
        'ENV=testing  # env APP_ENV',
        'PORT=3002  # env APP_PORT > env PORT > config.toml > TestingConfig',
        '',
      ].join('\n'),
    );
  });

  test('--all prints every key once, sorted, secrets masked', async () => {
    const world = { env: 'production', vars: PRODUCTION_VARS };
    const { code, stdout } = await runCli(['show-config', '--all'], world);
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(code).toBe(0);
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toEqual(expect.arrayContaining([...Object.keys(CORE), 'FEATURE_SIGNUP_V2']));
    expect(stdout).toContain('\nSECRET_KEY=***\n');
    expect(stdout).not.toContain(PRODUCTION_VARS.SECRET_KEY.slice(0, 6));
  });

  test('--json is { KEY: value } with typed values', async () => {
    const { code, stdout, stderr } = await runCli(['show-config', '--json'], testing);
    expect({ code, stderr, data: JSON.parse(stdout) }).toEqual({ code: 0, stderr: '', data: CORE });
  });

  test('--json --origin is { KEY: { value, origin } }', async () => {
    const args = ['show-config', 'PORT', 'SECRET_KEY', 'REDIS_URL', '--json', '--origin'];
    const { stdout } = await runCli(args, { ...testing, vars: { APP_PORT: '3002' } });
    expect(JSON.parse(stdout)).toEqual({
      PORT: { value: 3002, origin: { layer: 'app-env', source: 'env APP_PORT' } },
      SECRET_KEY: { value: '***', origin: { layer: 'class', source: 'TestingConfig' } },
      REDIS_URL: { value: null, origin: null },
    });
  });

  test('--sources tells how each layer answered, lowest first', async () => {
    const { code, stdout } = await runCli(['show-config', '--sources', '--json'], testing);
    const sources: { layer: string; status: string }[] = JSON.parse(stdout);
    expect(code).toBe(0);
    expect([...new Set(sources.map(({ layer }) => layer))]).toEqual([
      ...['class', 'instance', 'secret-files', 'aws', 'vault', 'env', 'app-env', 'override'],
    ]);
    expect(sources.filter(({ status }) => status === 'off').map(({ layer }) => layer)).toEqual([
      'aws',
      'vault',
    ]);
    const text = await runCli(['show-config', '--sources'], testing);
    expect(text.stdout).toMatch(/^class\s+fresh\s+TestingConfig \(\d+ keys, \d s ago\)\n/);
  });

  test('--env shows another environment, whatever the variables choose', async () => {
    const args = ['show-config', 'ENV', 'DEBUG', '--env', 'prod'];
    const ended = await runCli(args, { ...testing, vars: PRODUCTION_VARS });
    expect(ended).toEqual({ code: 0, stdout: 'DEBUG=false\nENV=production\n', stderr: '' });
  });

  test('a value that .env set is shown as such', async () => {
    const cwd = placeFiles({ '.env': 'PORT=4000\n' });
    const { stdout } = await runCli(['show-config', 'PORT', '--origin'], { cwd });
    expect(stdout).toBe('PORT=4000  # .env PORT > DevelopmentConfig\n');
  });

  test('a .env outside development is not read, with a warning on stderr', async () => {
    const cwd = placeFiles({ '.env': 'PORT=4000\n' });
    const { code, stdout, stderr } = await runCli(['show-config', 'PORT'], { ...testing, cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'PORT=0\n' });
    expect(stderr).toMatch(/^warning: \.env is for development alone and was not read.*\n$/);
  });
});

describe('a configuration that is not valid', () => {
  const broken = { env: 'production', vars: { PORT: 'canary', APP_DEBUG: 'true' } };

  test.each([
    [['show-config'], /^DEBUG=true$/m],
    [['show-config', '--json'], /"DEBUG": true/],
    [['show-config', '--sources'], /^class\s+fresh/m],
    [['explain', 'DEBUG'], /^wins {2}app-env\s+true\s+env APP_DEBUG$/m],
    [['check-config'], /^$/],
  ])('%j still prints data, the problems on stderr, and exits 1', async (args, data) => {
    const { code, stdout, stderr } = await runCli(args, broken);
    expect(code).toBe(1);
    expect(stdout).toMatch(data);
    const keys = [...stderr.matchAll(/^ {2}([A-Z]\w*) /gm)].map(([, key]) => key);
    expect(keys.sort()).toEqual(['DATABASE_URL', 'DEBUG', 'PORT', 'SECRET_KEY']);
    expect(stdout + stderr).not.toContain('canary');
  });

  test('an environment that does not exist is refused with the valid names', async () => {
    const { code, stdout, stderr } = await runCli(['show-config', '--env', 'productoin']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('did you mean production?');
    expect(stderr).toContain('development, testing, staging, production');
  });
});

describe('check-config', () => {
  test('exits 0 and says so', async () => {
    const ended = await runCli(['check-config'], testing);
    const stdout = 'The configuration for testing is valid.\n';
    expect(ended).toEqual({ code: 0, stdout, stderr: '' });
  });

  test('exits 1 and names what production would refuse', async () => {
    const { code, stdout, stderr } = await runCli(['check-config', '--env', 'production']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/SECRET_KEY is not set/);
  });
});

describe('explain', () => {
  test('prints every layer that has the key, the winner first', async () => {
    const world = { ...testing, vars: { SECRET_KEY: 'first-canary', APP_SECRET_KEY: 'canary-2' } };
    const { code, stdout } = await runCli(['explain', 'secret_key'], world);
    expect(code).toBe(0);
    expect(stdout.replace(/\[[0-9a-f]{8}\]/g, '[mark]').replace(/ {2,}/g, '  ')).toBe(
      [
        'wins  app-env  *** [mark]  env APP_SECRET_KEY',
        '  env  *** [mark]  env SECRET_KEY',
        '  class  *** [mark]  TestingConfig',
        '',
      ].join('\n'),
    );
  });

  test('prints no data for a key that no layer sets', async () => {
    const { code, stdout, stderr } = await runCli(['explain', 'REDIS_URL'], testing);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('No layer sets it.');
  });

  test.each(['explain', 'show-config'])('%s of an unknown key suggests one', async (command) => {
    const { code, stdout, stderr } = await runCli([command, 'SECRT_KEY'], testing);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('SECRT_KEY is not a configuration key; did you mean SECRET_KEY?');
  });
});
