import { chmodSync, closeSync, openSync, rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { loadWorld, PRODUCTION_VARS, place, placeFiles } from '../support/app.ts';

test.each(['a missing folder', 'a file'])(
  'SECRETS_DIR that is %s is an error in production and a warning in development',
  async (kind) => {
    const path = kind === 'a file' ? `${placeFiles({ a: '' })}/a` : '/nowhere/at/all';
    const load = (env: string) =>
      loadWorld({ env, vars: PRODUCTION_VARS }, { ...place({}), secretsDir: path });
    const [production, development] = [await load('production'), await load('development')];
    expect(production.problems.map(({ key }) => key)).toEqual(['SECRETS_DIR']);
    expect([development.problems, development.warnings.map(({ key }) => key)]).toEqual([
      [],
      ['SECRETS_DIR'],
    ]);
  },
);

test('secret files that others can read are warned of in staging and production', async () => {
  const placed = place({ secrets: { secret_key: PRODUCTION_VARS.SECRET_KEY } });
  const path = `${placed.secretsDir}/secret_key`;
  const vars = { DATABASE_URL: 'sqlite::memory:' };
  const warned = async (env: string) => (await loadWorld({ env, vars }, placed)).warnings;
  chmodSync(placed.secretsDir, 0o755);
  expect(await warned('production')).toEqual([]);
  chmodSync(path, 0o644);
  const warning = {
    key: 'SECRET_KEY',
    reason: 'comes from a file that every user of this machine can read',
    origin: path,
    remedy: `chmod o-r ${path}`,
  };
  expect([await warned('production'), await warned('staging'), await warned('testing')]).toEqual([
    [warning],
    [warning],
    [],
  ]);
});

test('readable files in a folder that is closed to others, as npm run secrets makes them, are fine', async () => {
  const placed = place({
    instance: { 'config.toml': '' },
    secrets: { secret_key: PRODUCTION_VARS.SECRET_KEY },
  });
  const files = [`${placed.secretsDir}/secret_key`, `${placed.instanceDir}/config.toml`];
  for (const path of files) chmodSync(path, 0o444);
  const load = async () => {
    const vars = { DATABASE_URL: 'sqlite::memory:' };
    return (await loadWorld({ env: 'production', vars }, placed)).warnings.map(({ key }) => key);
  };
  expect(await load()).toEqual([]);
  for (const folder of Object.values(placed)) chmodSync(folder, 0o711);
  expect(await load()).toEqual(['config.toml', 'SECRET_KEY']);
});

test.each([
  ['SECRET_KEY', 'REDIS_URL'],
  ['REDIS_URL', 'SECRET_KEY'],
])(
  'a key of a file whose name goes on from another one’s is not counted there: %s',
  async (one, other) => {
    const folder = placeFiles({ url: 'redis://one', url2: 'redis://two' });
    const vars = { [`${one}_FILE`]: `${folder}/url`, [`${other}_FILE`]: `${folder}/url2` };
    const { sources } = await loadWorld({ vars });
    const counts = sources.flatMap(({ source, keys }) => (source.startsWith(folder) ? keys : []));
    expect(counts).toEqual([1, 1]);
  },
);

test('a file that is open and has gone from its folder is read', async () => {
  const path = `${placeFiles({ key: PRODUCTION_VARS.SECRET_KEY })}/key`;
  const opened = openSync(path, 'r');
  onTestFinished(() => closeSync(opened));
  rmSync(path);
  const vars = { DATABASE_URL: PRODUCTION_VARS.DATABASE_URL, SECRET_KEY_FILE: `/dev/fd/${opened}` };
  const { values, problems } = await loadWorld({ env: 'production', vars });
  expect([values['SECRET_KEY'], problems]).toEqual([PRODUCTION_VARS.SECRET_KEY, []]);
});
