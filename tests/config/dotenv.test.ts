import { expect, test } from 'vitest';
import { readDotenv } from '../../src/config/dotenv.ts';
import { placeFiles } from '../support/app.ts';
import { runCli, startServer } from '../support/process.ts';

/** The path of a `.env` with this text. */
function dotenv(text: string): string {
  return `${placeFiles({ '.env': text })}/.env`;
}

test('a folder without .env is fine', async () => {
  const variables = {};
  const { names, warnings } = await readDotenv(undefined, variables, `${placeFiles()}/.env`);
  expect({ names: [...names], warnings, variables }).toEqual({
    names: [],
    warnings: [],
    variables: {},
  });
});

test.each([{}, { APP_ENV: 'dev' }, { NODE_ENV: 'development' }, { ENV: '/etc/profile' }])(
  '.env is read where the real variables chose development or nothing: %j',
  async (real) => {
    const variables: Record<string, string | undefined> = { ...real };
    const path = dotenv('PORT=81\n# a comment\nSECRET_KEY="a # b"\nexport APP_NAME=Shop\n');
    const { names, warnings } = await readDotenv(undefined, variables, path);
    expect({ names: [...names].sort(), warnings, variables }).toEqual({
      names: ['APP_NAME', 'PORT', 'SECRET_KEY'],
      warnings: [],
      variables: { ...real, PORT: '81', SECRET_KEY: 'a # b', APP_NAME: 'Shop' },
    });
  },
);

test('.env never replaces a real variable, not even an empty one', async () => {
  const variables: Record<string, string | undefined> = { PORT: '80', HOST: '' };
  const { names } = await readDotenv(
    undefined,
    variables,
    dotenv('PORT=81\nHOST=::1\nAPP_CSP=x\n'),
  );
  expect({ names: [...names], variables }).toEqual({
    names: ['APP_CSP'],
    variables: { PORT: '80', HOST: '', APP_CSP: 'x' },
  });
});

test.each([
  ['production', {}],
  ['testing', {}],
  [undefined, { APP_ENV: 'production' }],
  [undefined, { ENV: 'staging' }],
  [undefined, { NODE_ENV: 'test' }],
  ['development', { APP_ENV: 'production' }],
])(
  'elsewhere .env is not read, with a warning: argument %j, variables %j',
  async (argument, real) => {
    const variables: Record<string, string | undefined> = { ...real };
    const path = dotenv('PORT=81\nAPP_ENV=development\n');
    const { names, warnings } = await readDotenv(argument, variables, path);
    expect({ names: [...names], warnings, variables }).toEqual({
      names: [],
      warnings: [
        {
          key: path,
          reason: 'is for development alone and was not read',
          remedy: 'remove it here, and set real variables or secret files',
        },
      ],
      variables: real,
    });
  },
);

test('the commands and the server show .env as the origin of what it set, and nothing else', async () => {
  const cwd = placeFiles({ '.env': 'PORT=81\nAPP_NAME=Shop\nHOST=::1\n' });
  const vars = { HOST: '127.0.0.1' };
  const keys = ['PORT', 'APP_NAME', 'HOST', 'ENV'];
  const shown = await runCli(['show-config', ...keys, '--json', '--origin'], { cwd, vars });
  expect({ ...shown, stdout: JSON.parse(shown.stdout) }).toEqual({
    code: 0,
    stderr: '',
    stdout: {
      PORT: { value: 81, origin: { layer: 'env', source: '.env PORT' } },
      APP_NAME: { value: 'Shop', origin: { layer: 'app-env', source: '.env APP_NAME' } },
      HOST: { value: '127.0.0.1', origin: { layer: 'env', source: 'env HOST' } },
      ENV: { value: 'development', origin: { layer: 'class', source: 'default' } },
    },
  });
});

test.each(['APP_ENV', 'NODE_ENV', 'ENV'])(
  '.env may say %s=development and is then what chose it',
  async (name) => {
    const cwd = placeFiles({ '.env': `${name}=dev\n` });
    const { stdout } = await runCli(['show-config', 'ENV', '--origin'], { cwd });
    expect(stdout).toBe(`ENV=development  # .env ${name}\n`);
  },
);

test.each(['production', 'testing', 'staging'])(
  'APP_ENV=%s in .env is an error of the commands and of the server',
  async (name) => {
    const cwd = placeFiles({ '.env': `APP_ENV=${name}\n` });
    const runs = [runCli(['show-config'], { cwd }), startServer({ cwd }).ended()];
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/APP_ENV in \.env names another environment than development/);
    }
  },
);

test('the commands warn of a .env that is not read', async () => {
  const cwd = placeFiles({ '.env': 'APP_NAME=Shop\n' });
  for (const [args, world] of [
    [['show-config', 'APP_NAME'], { env: 'testing' }],
    [['show-config', 'APP_NAME', '--env', 'testing'], {}],
  ] as const) {
    const { stdout, stderr } = await runCli(args, { cwd, ...world });
    expect(stdout).toBe('APP_NAME=Strata\n');
    expect(stderr).toMatch(/^warning: \.env is for development alone and was not read/);
  }
});

test('--env is used where APP_ENV is nonsense, whether there is a .env or not', async () => {
  const vars = { APP_ENV: 'nonsense' };
  for (const cwd of [placeFiles(), placeFiles({ '.env': 'APP_NAME=Shop\n' })]) {
    const args = ['show-config', 'APP_NAME', '--env', 'testing'];
    const { code, stdout } = await runCli(args, { cwd, vars });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'APP_NAME=Strata\n' });
  }
});
