import sql from 'sql-template-tag';
import { expect, test } from 'vitest';
import { makeApp, place } from '../support/app.ts';

test('while two coupled keys flip in a reload loop, no reader of a snapshot sees a mix', async () => {
  const vars: Record<string, string> = { APP_NAME: '0', APP_SERVER_NAME: '0' };
  const { config, flags } = (await makeApp({ vars }, place({}))).locals;
  const seen = new Set<string>();
  let mixes = 0;
  const read = () => {
    const { APP_NAME, SERVER_NAME } = config.snapshot;
    seen.add(APP_NAME);
    if (APP_NAME !== SERVER_NAME) mixes += 1;
  };
  read();
  config.onChange(['APP_NAME', 'SERVER_NAME'], read);

  let reading = true;
  const readers = [1, 2, 3, 4].map(async () => {
    while (reading) {
      const { snapshot } = config;
      await new Promise(setImmediate);
      // What a request took at its start stays as it was, whatever happens meanwhile.
      if (snapshot.APP_NAME !== snapshot.SERVER_NAME) mixes += 1;
      read();
    }
  });
  for (let round = 1; round <= 100; round += 1) {
    vars['APP_NAME'] = vars['APP_SERVER_NAME'] = String(round);
    vars['FEATURE_SIGNUP_V2'] = String(round % 2 === 0);
    const { version } = await config.reload();
    expect([version, config.get('APP_NAME')]).toEqual([round + 1, String(round)]);
    expect(flags.isOn('FEATURE_SIGNUP_V2')).toBe(round % 2 === 0);
  }
  reading = false;
  await Promise.all(readers);
  expect([mixes, seen.size]).toEqual([0, 101]);
});

test('a hundred reloads that come at any time apply the last value, one version per change', async () => {
  const vars: Record<string, string> = {};
  const { config } = (await makeApp({ vars }, place({}))).locals;
  const versions: number[] = [];
  config.onChange(['APP_NAME'], () => versions.push(config.version));
  const asked: Promise<unknown>[] = [];
  for (let round = 1; round <= 100; round += 1) {
    vars['APP_NAME'] = String(round);
    asked.push(config.reload({ dryRun: round % 7 === 0 }));
    if (round % 3 === 0) await new Promise(setImmediate);
  }
  asked.push(config.reload());
  await Promise.all(asked);
  expect(config.get('APP_NAME')).toBe('100');
  expect(versions).toEqual(versions.map((_, index) => index + 2));
  expect(config.version).toBe(versions.at(-1));
});

test('a reload under way ends before the app lets go of what it needs', async () => {
  const vars: Record<string, string> = {};
  const { config, database, close } = (await makeApp({ vars }, place({}))).locals;
  vars['APP_NAME'] = 'Shop';
  let closing: Promise<void> | undefined;
  await config.reload({
    confirm: async () => {
      closing = close();
      await new Promise(setImmediate);
      await database.query(sql`SELECT 1`);
    },
  });
  await closing;
  expect(config.get('APP_NAME')).toBe('Shop');
});
