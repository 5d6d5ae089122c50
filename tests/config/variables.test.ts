import { expect, test } from 'vitest';
import { loadWorld, type World } from '../support/app.ts';

const RATE_LIMIT = { WINDOW_SECONDS: 60, MAX: 300, LOGIN: { WINDOW_SECONDS: 900, MAX: 10 } };

/** The same variables in both orders. */
function bothWays(vars: Record<string, string>): Record<string, string>[] {
  return [vars, Object.fromEntries(Object.entries(vars).reverse())];
}

test.each([
  [{ APP_RATE_LIMIT__MAX: '5' }, { ...RATE_LIMIT, MAX: 5 }],
  [{ APP_RATE_LIMIT__LOGIN__MAX: '5' }, { ...RATE_LIMIT, LOGIN: { WINDOW_SECONDS: 900, MAX: 5 } }],
  [
    { APP_RATE_LIMIT__LOGIN: '{"MAX":5}' },
    { ...RATE_LIMIT, LOGIN: { ...RATE_LIMIT.LOGIN, MAX: 5 } },
  ],
  [{ APP_RATE_LIMIT: '{"MAX":5}' }, { ...RATE_LIMIT, MAX: 5 }],
  [{ APP_RATE_LIMIT: '{}' }, RATE_LIMIT],
  [{ APP_rate_limit__login__max: '5' }, { ...RATE_LIMIT, LOGIN: { ...RATE_LIMIT.LOGIN, MAX: 5 } }],
  [{ APP_Rate_Limit__Max: '5' }, { ...RATE_LIMIT, MAX: 5 }],
  [
    { APP_RATE_LIMIT: '{"MAX":5,"WINDOW_SECONDS":7}', APP_RATE_LIMIT__MAX: '6' },
    { ...RATE_LIMIT, WINDOW_SECONDS: 7, MAX: 6 },
  ],
  [
    {
      APP_RATE_LIMIT: '{"LOGIN":{"MAX":5}}',
      APP_rate_limit__LOGIN: '{"MAX":6}',
      APP_RATE_LIMIT__login__MAX: '7',
    },
    { ...RATE_LIMIT, LOGIN: { ...RATE_LIMIT.LOGIN, MAX: 7 } },
  ],
  [
    { APP_RATE_LIMIT__LOGIN__WINDOW_SECONDS: '8', APP_RATE_LIMIT__LOGIN: '{"MAX":6}' },
    { ...RATE_LIMIT, LOGIN: { WINDOW_SECONDS: 8, MAX: 6 } },
  ],
])(
  '%j reaches inside an object, the longer path winning whatever the order',
  async (vars, value) => {
    for (const ordered of bothWays(vars)) {
      const { values, problems } = await loadWorld({ vars: ordered });
      expect({ value: values['RATE_LIMIT'], problems }).toEqual({ value, problems: [] });
    }
  },
);

test('a name matches without regard to case after the prefix alone', async () => {
  const { values } = await loadWorld({ vars: { APP_port: '81', app_PORT: '82', App_PORT: '83' } });
  expect(values['PORT']).toBe(81);
});

test.each([
  ['APP__PORT', 'APP_PORT'],
  ['APP__port', 'APP_PORT'],
  ['APP_RATE_LIMIT____MAX', 'APP_RATE_LIMIT__MAX'],
  ['APP_RATE_LIMIT__', 'APP_RATE_LIMIT'],
  ['APP__X', 'APP_X'],
])('%s has an empty part, and the hint says %s', async (name, hint) => {
  const { problems } = await loadWorld({ vars: { [name]: '5' } });
  expect(problems).toEqual([
    expect.objectContaining({
      reason: 'has an empty part in its name',
      origin: `env ${name}`,
      remedy: `did you mean ${hint}?`,
    }),
  ]);
});

test.each(['APP_', 'APP___', 'APP____'])('%s names nothing and is refused', async (name) => {
  const { problems } = await loadWorld({ vars: { [name]: '5' } });
  expect(problems.map(({ origin }) => origin)).toEqual([`env ${name}`]);
});

test.each([
  [{ APP_PORT: '81', APP_port: '82' }],
  [{ APP_PORT: '81', APP_Port: '81' }],
  [{ APP_NAME: 'x', APP_APP_NAME: 'y' }],
  [{ APP_RATE_LIMIT__MAX: '5', APP_RATE_LIMIT__max: '6' }],
  [{ APP_RATE_LIMIT: '{}', APP_rate_limit: '{}' }],
])('two spellings of one path are an error that names both: %j', async (vars) => {
  for (const ordered of bothWays(vars)) {
    const { problems } = await loadWorld({ vars: ordered });
    expect(problems).toHaveLength(1);
    for (const name of Object.keys(vars)) expect(problems[0]?.reason).toContain(`env ${name}`);
  }
});

test('two spellings of which one is empty are no contradiction', async () => {
  const { values, problems } = await loadWorld({ vars: { APP_PORT: '', APP_port: '82' } });
  expect({ port: values['PORT'], problems }).toEqual({ port: 82, problems: [] });
});

test.each([
  [{ APP_RATE_LIMIT: '5', APP_RATE_LIMIT__MAX: '6' }],
  [{ APP_RATE_LIMIT: 'null', APP_RATE_LIMIT__MAX: '6' }],
  [{ APP_RATE_LIMIT: '[]', APP_RATE_LIMIT__MAX: '6' }],
  [{ APP_RATE_LIMIT: '{"LOGIN":5}', APP_RATE_LIMIT__LOGIN__MAX: '6' }],
  [{ APP_RATE_LIMIT__LOGIN: '5', APP_RATE_LIMIT__LOGIN__MAX: '6' }],
])('a value that is both a scalar and an object is an error that names both: %j', async (vars) => {
  for (const ordered of bothWays(vars)) {
    const { problems } = await loadWorld({ vars: ordered });
    const clash = problems.find(({ reason }) => reason.startsWith('is both'));
    for (const name of Object.keys(vars)) expect(clash?.reason).toContain(`env ${name}`);
  }
});

test.each([
  ['APP_PORT__X', 'PORT.X', 'a whole number from 0 to 65535'],
  ['APP_SECRET_KEY__X', 'SECRET_KEY.X', 'text, not empty'],
  ['APP_CORS_ORIGINS__0', 'CORS_ORIGINS.0', 'a JSON list; each item text, not empty'],
  ['APP_RATE_LIMIT__MAX__X', 'RATE_LIMIT.MAX.X', 'a whole number from 1 up'],
  [
    'APP_FEATURE_SIGNUP_V2__ROLLOUT',
    'FEATURE_SIGNUP_V2.ROLLOUT',
    'true, false or a JSON object with rollout (0-100), variants ({"name": weight}), allow, deny, salt',
  ],
])('%s leads into what has no members', async (name, key, type) => {
  const { problems } = await loadWorld({ vars: { [name]: '5' } });
  expect(problems).toEqual([
    expect.objectContaining({
      key,
      reason: `has no members to reach into: it takes ${type}`,
      origin: `env ${name}`,
    }),
  ]);
});

test.each([
  ['APP_NAME', 'Shop'],
  ['APP_APP_NAME', 'Shop'],
  ['APP_name', 'Shop'],
  ['APP_App_Name', 'Shop'],
])('%s sets the key APP_NAME', async (name, value) => {
  const { values, problems, warnings } = await loadWorld({
    env: 'staging',
    vars: { [name]: value },
  });
  expect(values['APP_NAME']).toBe(value);
  const about = [...problems, ...warnings].filter(({ key }) => key.includes('NAME'));
  expect(about).toEqual([]);
});

test.each(['APP_IGNORE', 'APP_APP_IGNORE'])(
  'names that %s lists are never unknown, whatever their case',
  async (name) => {
    const world: World = {
      env: 'production',
      vars: { [name]: '["Theirs", "a__B"]', APP_THEIRS: 'x', APP_A__B: 'y', APP_OURS: 'z' },
    };
    const { problems, warnings } = await loadWorld(world);
    const reported = [...problems, ...warnings].filter(({ reason }) => reason.includes('known'));
    expect(reported.map(({ origin }) => origin)).toEqual(['env APP_OURS']);
  },
);

test.each([
  ['APP_SERVICE_HOST', '10.0.0.1'],
  ['APP_SERVICE_PORT', '80'],
  ['APP_SERVICE_PORT_HTTP', '80'],
  ['APP_PORT', 'tcp://10.0.0.1:80'],
  ['APP_PORT_80_TCP', 'tcp://10.0.0.1:80'],
  ['APP_PORT_80_TCP_PROTO', 'tcp'],
  ['APP_PORT_80_TCP_PORT', '80'],
  ['APP_PORT_80_TCP_ADDR', '10.0.0.1'],
  ['APP_PORT_53_UDP', 'udp://10.0.0.1:53'],
  ['APP_DB_SERVICE_HOST', '10.0.0.1'],
  ['APP_DB_REPLICA_2_SERVICE_PORT_PG', '5432'],
  ['APP_DB_PORT', 'tcp://10.0.0.1:5432'],
  ['APP_DB_PORT_5432_TCP_ADDR', '10.0.0.1'],
  ['APP_ENV', 'production'],
])('%s=%s sets nothing and is not reported', async (name, value) => {
  const { values, problems, warnings } = await loadWorld({ vars: { [name]: value } });
  expect({ port: values['PORT'], problems, warnings }).toEqual({
    port: 0,
    problems: [],
    warnings: [],
  });
});
