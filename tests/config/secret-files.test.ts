import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadWorld, place, placeFiles } from '../support/app.ts';

/** What SECRET_KEY became, and what was said. */
async function read(world: Parameters<typeof loadWorld>[0], placed = place(world ?? {})) {
  const { values, problems, warnings, contributions } = await loadWorld(world, placed);
  const source = contributions.get('SECRET_KEY')?.at(-1)?.source;
  return { value: values['SECRET_KEY'], source, problems, warnings };
}

const UNSET = { value: 'dev-insecure-key', source: 'TestingConfig', problems: [], warnings: [] };

test.each([
  ['abc', 'abc'],
  ['abc\n', 'abc'],
  ['abc\r\n', 'abc'],
  ['abc\n\n', 'abc\n'],
  ['\nabc', '\nabc'],
  [' abc ', ' abc '],
  ['a\nb\n', 'a\nb'],
  ['\ufeffabc', '\ufeffabc'],
])('of the file %j exactly one newline at the end goes', async (text, value) => {
  const placed = place({ secrets: { secret_key: text } });
  expect(await read({}, placed)).toEqual({
    value,
    source: `${placed.secretsDir}/secret_key`,
    problems: [],
    warnings: [],
  });
  const path = `${placeFiles({ key: text })}/key`;
  expect(await read({ vars: { SECRET_KEY_FILE: path } })).toEqual({
    value,
    source: path,
    problems: [],
    warnings: [],
  });
});

test.each(['', '\n'])('the empty file %j sets nothing', async (text) => {
  expect(await read({ secrets: { secret_key: text } })).toEqual(UNSET);
});

test.each(['secret_key', 'SECRET_KEY', 'Secret_Key'])(
  'the file %s sets SECRET_KEY',
  async (name) => {
    expect((await read({ secrets: { [name]: 'abc' } })).value).toBe('abc');
  },
);

test('files are cast by their keys’ types, and reach inside objects', async () => {
  const { values, problems } = await loadWorld({
    secrets: { port: '81\n', debug: 'off\n', rate_limit__login__max: '5', cors_origins: '[]\n' },
  });
  expect(problems).toEqual([]);
  expect(values).toMatchObject({ PORT: 81, DEBUG: false, RATE_LIMIT: { LOGIN: { MAX: 5 } } });
});

test('SECRETS_DIR is found by every layer that is read before it', async () => {
  const folder = placeFiles({ secret_key: 'abc' });
  for (const world of [
    { vars: { SECRETS_DIR: folder } },
    { vars: { APP_SECRETS_DIR: folder } },
    { instance: { 'config.toml': `[default]\nSECRETS_DIR = "${folder}"` } },
  ]) {
    expect((await read({ ...world, overrides: { SECRETS_DIR: undefined } })).value).toBe('abc');
  }
});

test('a file named secrets_dir cannot move the folder that it lies in', async () => {
  const { problems } = await read({ secrets: { secrets_dir: '/tmp' } });
  expect(problems.map(({ key, reason }) => [key, reason])).toEqual([
    ['SECRETS_DIR', 'cannot be set here, since it decides where this source is found'],
  ]);
});

test('the links of a Kubernetes mount are followed, its own folders are not read', async () => {
  const placed = place({
    secrets: { '..2026_01_01/secret_key': 'one', '..2026_02_02/secret_key': 'two' },
  });
  const at = (name: string) => `${placed.secretsDir}/${name}`;
  symlinkSync('..2026_02_02', at('..data'));
  symlinkSync('..data/secret_key', at('secret_key'));
  expect(await read({}, placed)).toEqual({
    value: 'two',
    source: at('secret_key'),
    problems: [],
    warnings: [],
  });
});

test('a folder that is itself a link is read', async () => {
  const placed = place({});
  const secretsDir = `${placed.instanceDir}/linked`;
  symlinkSync(placeFiles({ secret_key: 'abc' }), secretsDir);
  expect((await read({}, { ...placed, secretsDir })).value).toBe('abc');
});

test.each(['outside', 'outside by ..', 'dangling', 'in a circle', 'a folder', 'hidden'])(
  'an entry that is %s is not read',
  async (kind) => {
    const outside = placeFiles({ secret_key: 'stolen' });
    const placed = place({});
    const path = `${placed.secretsDir}/secret_key`;
    if (kind === 'outside') symlinkSync(`${outside}/secret_key`, path);
    if (kind === 'outside by ..') symlinkSync(`../${outside.split('/').at(-1)}/secret_key`, path);
    if (kind === 'dangling') symlinkSync('nowhere', path);
    if (kind === 'in a circle') symlinkSync('secret_key', path);
    if (kind === 'a folder') mkdirSync(path);
    if (kind === 'hidden') writeFileSync(`${placed.secretsDir}/.secret_key`, 'stolen');
    const { warnings, ...rest } = await read({}, placed);
    expect({ ...rest, warnings: [] }).toEqual(UNSET);
    const remedy = 'put the file itself there';
    const told = [expect.objectContaining({ key: 'SECRET_KEY', origin: path, remedy })];
    expect(warnings).toEqual(kind.startsWith('outside') ? told : []);
  },
);

test('somebody else’s link that leaves the folder is nothing to warn of', async () => {
  const placed = place({});
  symlinkSync('/etc/hostname', `${placed.secretsDir}/theirs`);
  expect(await read({}, placed)).toEqual(UNSET);
});

test('a neighbour whose name starts alike is outside', async () => {
  const root = placeFiles({ 'run/a': '', 'run-other/secret_key': 'stolen' });
  symlinkSync(`${root}/run-other/secret_key`, `${root}/run/secret_key`);
  const placed = { ...place({}), secretsDir: `${root}/run` };
  expect((await read({}, placed)).value).toBe('dev-insecure-key');
});

test.each([
  ['over 64 KiB', Buffer.alloc(65_537, 'a'), 'comes from a file over 64 KiB'],
  ['no text', Buffer.from([0xff, 0xfe, 0x80]), 'comes from a file that is not UTF-8 text'],
])('a file that is %s is refused, naming it', async (_, content, reason) => {
  const placed = place({});
  const path = `${placed.secretsDir}/secret_key`;
  writeFileSync(path, content);
  const mounted = await read({}, placed);
  expect(mounted.problems).toMatchObject([
    { key: 'SECRET_KEY', reason, origin: path, remedy: expect.any(String) },
  ]);
  const { problems } = await read({ vars: { SECRET_KEY_FILE: path } });
  expect(problems).toMatchObject([
    { key: 'SECRET_KEY', reason, origin: 'env SECRET_KEY_FILE', remedy: expect.any(String) },
  ]);
});

test('a file of exactly 64 KiB is read', async () => {
  expect((await read({ secrets: { secret_key: 'a'.repeat(65_536) } })).problems).toEqual([]);
});

test.each([
  ['/nowhere/at/all', 'names a file that does not exist'],
  ['/dev/null', 'names something that is no file'],
  ['/', 'names something that is no file'],
  ['x'.repeat(5_000), 'names a file that does not exist'],
  ['/dev/null/x', 'names a file that does not exist'],
])('SECRET_KEY_FILE=%s is an error, not silence', async (path, reason) => {
  for (const env of ['development', 'testing']) {
    const { problems } = await loadWorld({ env, vars: { SECRET_KEY_FILE: path } });
    const origin = 'env SECRET_KEY_FILE';
    const problem = { key: 'SECRET_KEY', reason, origin, remedy: expect.any(String) };
    expect(problems).toMatchObject([problem]);
    const vars = { SECRET_KEY_FILE: path };
    const fromFile = await loadWorld({ env, vars, dotenvNames: ['SECRET_KEY_FILE'] });
    expect(fromFile.problems).toMatchObject([{ ...problem, origin: `.${origin}` }]);
  }
});

test('each file that a variable names is a source of its own, beside the folder', async () => {
  const folder = placeFiles({ key: 'named' });
  const [named, missing] = [`${folder}/key`, `${folder}/missing`];
  const vars = { SECRET_KEY_FILE: named, REDIS_URL_FILE: missing };
  const { sources } = await loadWorld({ vars, overrides: { SECRETS_DIR: `${folder}/nowhere` } });
  const told = sources.filter(({ layer }) => layer === 'secret-files');
  expect(told.map(({ source, status, keys }) => [source, status, keys])).toEqual([
    [`${folder}/nowhere`, 'absent', 0],
    [named, 'fresh', 1],
    ['env REDIS_URL_FILE', 'failed', 0],
  ]);
});

test('a file that a variable names beats the mounted one, and the variable of the key both', async () => {
  const secrets = { secret_key: 'mounted', port: '81' };
  const vars = { SECRET_KEY_FILE: `${placeFiles({ key: 'named' })}/key`, PORT: '82' };
  const { values } = await loadWorld({ secrets, vars });
  expect([values['SECRET_KEY'], values['PORT']]).toEqual(['named', 82]);
});
