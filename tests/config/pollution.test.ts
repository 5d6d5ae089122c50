import { afterEach, expect, test } from 'vitest';
import { loadWorld, type World } from '../support/app.ts';

const CLEAN = Reflect.ownKeys(Object.prototype);

afterEach(() => {
  const names = Reflect.ownKeys(Object.prototype);
  for (const name of names) {
    if (!CLEAN.includes(name)) Reflect.deleteProperty(Object.prototype, name);
  }
  expect(names).toEqual(CLEAN);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

const NAMES = ['__proto__', 'constructor', 'prototype'];
const deep = (name: string) => `{"a":[{"b":{${JSON.stringify(name)}:{"polluted":1}}}]}`;
const flat = (name: string) => `{${JSON.stringify(name)}:{"polluted":1}}`;

const WAYS: Record<string, (name: string) => World> = {
  'a JSON key': (name) => ({ vars: { APP_RATE_LIMIT: flat(name) } }),
  'a JSON key far below': (name) => ({ vars: { APP_RATE_LIMIT: deep(name) } }),
  'a JSON key in a list': (name) => ({ vars: { OPS_USERS: `[${flat(name)}]` } }),
  'a JSON key in a flag': (name) => ({ vars: { FEATURE_SIGNUP_V2: `{"variants":${flat(name)}}` } }),
  'a JSON key in a secret file': (name) => ({ secrets: { rate_limit: deep(name) } }),
  'a member of a path': (name) => ({ vars: { [`APP_RATE_LIMIT__${name}`]: '1' } }),
  'a member far below': (name) => ({ vars: { [`APP_RATE_LIMIT__LOGIN__${name}__polluted`]: '1' } }),
  'a member of a secret file’s path': (name) => ({ secrets: { [`rate_limit__${name}`]: '1' } }),
  'the start of a path': (name) => ({ vars: { [`APP_${name}__polluted`]: '1' } }),
  'a whole name': (name) => ({ vars: { [`APP_${name}`]: '1' } }),
  'a TOML key': (name) => toml(`[default]\n"${name}" = { polluted = 1 }`),
  'a TOML table': (name) => toml(`[default."${name}"]\npolluted = 1`),
  'a TOML table at the top': (name) => toml(`["${name}"]\npolluted = 1`),
  'a TOML key far below': (name) => toml(`[default.RATE_LIMIT.LOGIN."${name}"]\npolluted = 1`),
  'a TOML dotted key': (name) => toml(`[default]\nRATE_LIMIT.${name}.polluted = 1`),
  'a key of config.ts': (name) => module(`{ ["${name}"]: { polluted: 1 } }`),
  'a key far below in config.ts': (name) =>
    module(`{ RATE_LIMIT: { a: [JSON.parse('${flat(name)}')] } }`),
  'a key of an override': (name) => ({ overrides: JSON.parse(flat(name)) }),
  'a key far below in an override': (name) => ({
    overrides: { RATE_LIMIT: JSON.parse(deep(name)) },
  }),
};

function toml(text: string): World {
  return { instance: { 'config.toml': text } };
}

function module(text: string): World {
  return { instance: { 'config.ts': `export default ${text};` } };
}

test.each(
  Object.entries(WAYS).flatMap(([way, world]) => NAMES.map((name) => [way, name, world] as const)),
)('%s cannot be %s, in any environment', async (_, name, world) => {
  const plain = await loadWorld({ overrides: { SECRETS_DIR: '/' } });
  for (const env of ['testing', 'development']) {
    const { problems, values } = await loadWorld({ env, ...world(name) });
    expect(problems).toHaveLength(1);
    expect(values['RATE_LIMIT']).toEqual(plain.values['RATE_LIMIT']);
    expect(Object.keys(values).filter((key) => NAMES.includes(key.toLowerCase()))).toEqual([]);
  }
});

test.each(['CONSTRUCTOR', 'Prototype', '__PROTO__'])(
  '%s is refused in a path, where case does not matter',
  async (name) => {
    const { problems } = await loadWorld({ vars: { [`APP_RATE_LIMIT__${name}`]: '1' } });
    expect(problems).toHaveLength(1);
  },
);

test('the literal __proto__ of config.ts gives nothing', async () => {
  const world = module('{ __proto__: { PORT: 81 }, APP_NAME: "x" }');
  const { values, problems } = await loadWorld(world);
  expect(values['PORT']).toBe(0);
  expect(problems.length).toBeLessThanOrEqual(1);
});

// Names that every object inherits are plain unknown names, and reach nothing.
const INHERITED = ['toString', 'valueOf', 'hasOwnProperty', '__defineGetter__'];

test.each(INHERITED)('%s is an unknown name like any other, in every layer', async (name) => {
  const worlds: World[] = [
    { vars: { [`APP_${name}`]: '1' } },
    { vars: { [`APP_RATE_LIMIT__${name}`]: '1' } },
    { vars: { APP_RATE_LIMIT: `{"${name}":1}` } },
    toml(`[default]\n${name} = 1\n[testing]\n${name} = 2`),
    toml(`[default.RATE_LIMIT]\n${name} = 1\n[testing.RATE_LIMIT]\n${name} = 2`),
    module(`{ ${name}: 1, RATE_LIMIT: { ${name}: 1 } }`),
    { overrides: { [name]: 1, RATE_LIMIT: { LOGIN: { [name]: 1 } } } },
    { secrets: { [name]: '1' } },
  ];
  for (const world of worlds) {
    const { problems, warnings, values } = await loadWorld(world);
    const told = [...problems, ...warnings];
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(values['RATE_LIMIT']).toEqual({
      WINDOW_SECONDS: 60,
      MAX: 300,
      LOGIN: { WINDOW_SECONDS: 900, MAX: 10 },
    });
  }
});

test('a path into an inherited function calls and changes nothing', async () => {
  const before = Object.prototype.toString;
  const { warnings } = await loadWorld({ vars: { APP_toString__x: '1', APP_toString__call: '1' } });
  expect(warnings.map(({ origin }) => origin)).toEqual([
    'env APP_toString__call',
    'env APP_toString__x',
  ]);
  expect(Object.prototype.toString).toBe(before);
  expect(Object.keys(before)).toEqual([]);
});

test('data that is nested without end is refused', async () => {
  const worlds: World[] = [
    { vars: { APP_RATE_LIMIT: '['.repeat(500) + ']'.repeat(500) } },
    { vars: { OPS_USERS: `${'[{"a":'.repeat(50)}1${'}]'.repeat(50)}` } },
    { instance: { 'config.ts': 'const a = {}; a.a = a; export default { RATE_LIMIT: a };' } },
  ];
  for (const world of worlds) {
    const { problems } = await loadWorld(world);
    expect(problems.map(({ reason }) => reason)).toEqual(['is nested too deep']);
  }
});
