import { symlinkSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadWorld, place } from '../support/app.ts';

/** What APP_NAME became. */
async function appName(world: Parameters<typeof loadWorld>[0]) {
  const { values, problems } = await loadWorld(world);
  return { value: values['APP_NAME'], problems };
}

test.each([
  ['an object', 'export default { APP_NAME: "testing!" };'],
  ['a function', 'export default (env: string) => ({ APP_NAME: env + "!" });'],
  ['an async function', 'export default async (env: string) => ({ APP_NAME: env + "!" });'],
  [
    'a typed one',
    'type A = { APP_NAME: string };\nconst a: A = { APP_NAME: "testing!" };\nexport default a;',
  ],
  [
    'one that imports types',
    'import type { A } from "./a.ts";\nexport default { APP_NAME: "testing!" } as A;',
  ],
  [
    'one that imports Node',
    'import { sep } from "node:path";\nexport default { APP_NAME: ("testing" + sep).replace(sep, "!") };',
  ],
])('config.ts may export %s', async (_, text) => {
  expect(await appName({ instance: { 'config.ts': text } })).toEqual({
    value: 'testing!',
    problems: [],
  });
});

test.each([
  ['at its start', 'import { A } from "./a.ts";\nexport default { APP_NAME: A };'],
  ['in its function', 'export default async () => ({ APP_NAME: (await import("./a.ts")).A });'],
  [
    'by its address',
    'const { A } = await import(new URL("a.ts", import.meta.url).href);\nexport default { APP_NAME: A };',
  ],
])(
  'config.ts that imports another file %s is refused, since a reload would miss its changes',
  async (_, text) => {
    const instance = { 'config.ts': text, 'a.ts': 'export const A = "a";' };
    expect((await appName({ instance })).problems).toMatchObject([
      {
        key: 'config.ts',
        reason: 'imports another file, whose changes no reload would see',
        remedy: 'write it into config.ts; types and packages may be imported',
      },
    ]);
  },
);

test.each([
  ['import { A } from "./a.ts";\nexport default { APP_NAME: A };', /^imports another file/],
  ['\n\nthrow new Error("a");', /^fails with an Error in line 3$/],
])('behind the links of a mounted ConfigMap %j is refused as well', async (text, reason) => {
  const files = { '..data/config.ts': text, '..data/a.ts': 'export const A = "a";' };
  const placed = place({ instance: files });
  symlinkSync('..data/config.ts', `${placed.instanceDir}/config.ts`);
  const { problems } = await loadWorld({}, placed);
  expect(problems).toMatchObject([{ key: 'config.ts', reason: expect.stringMatching(reason) }]);
});

test('a function gets the canonical name of the environment', async () => {
  const instance = { 'config.ts': 'export default (env: string) => ({ APP_NAME: env });' };
  expect((await appName({ env: 'DEV', instance })).value).toBe('development');
});

test.each([
  [
    'a syntax error',
    'export default {\n  PORT: 81\n  DEBUG: true\n};',
    /^fails with a SyntaxError \(ERR_INVALID_TYPESCRIPT_SYNTAX\) in line [23]$/,
  ],
  [
    'an enum, which has to be compiled',
    'enum Level { low }\nexport default { PORT: Level.low };',
    /^fails with a SyntaxError \(ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX\)/,
  ],
  [
    'a package that is not there',
    'import x from "no-package-of-this-name";\nexport default { x };',
    'fails with an Error (ERR_MODULE_NOT_FOUND)',
  ],
  [
    'an unquoted secret',
    '\nexport default {\n  SECRET_KEY: abc,\n};',
    'fails with a ReferenceError in line 3',
  ],
  ['a throw', '\n\nthrow new Error("a");', 'fails with an Error in line 3'],
  [
    'a throw in its function',
    'export default () => {\n  throw new TypeError("a");\n};',
    'fails with a TypeError in line 2',
  ],
  [
    'a rejection',
    'export default async () => {\n  null.x;\n};',
    'fails with a TypeError in line 2',
  ],
  ['a throw of text', 'throw "a";', 'throws something that is no error'],
  ['a missing import', 'import "nowhere";\nexport default {};', /^fails with an Error/],
  ['no default', 'export const PORT = 81;', 'has no configuration as its default export'],
  ['text', 'export default "x";', 'has no configuration as its default export'],
  ['a list', 'export default [];', 'has no configuration as its default export'],
  ['null', 'export default null;', 'has no configuration as its default export'],
  [
    'a function of nothing',
    'export default () => {};',
    'has no configuration as its default export',
  ],
])('config.ts with %s is refused with kind, file and line', async (_, text, reason) => {
  const placed = place({ instance: { 'config.ts': text } });
  const { problems } = await loadWorld({}, placed);
  expect(problems).toEqual([
    {
      key: 'config.ts',
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
      origin: `${placed.instanceDir}/config.ts`,
      remedy: expect.any(String),
    },
  ]);
});

test.each([
  ['whose function', 'export default () => new Promise(() => {});'],
  ['that', 'await new Promise(() => {});\nexport default {};'],
])('config.ts %s never settles is refused after 10 s', async (_, text) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const loading = loadWorld({ instance: { 'config.ts': text } });
  while (vi.getTimerCount() === 0) await new Promise(setImmediate);
  vi.advanceTimersByTime(10_000);
  expect((await loading).problems).toMatchObject([
    { key: 'config.ts', reason: 'is not done after 10 s' },
  ]);
});
