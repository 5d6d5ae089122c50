import sql from 'sql-template-tag';
import { expect, onTestFinished, test } from 'vitest';
import { createFlagStore } from '../../src/flags/store.ts';
import { makeApp, place } from '../support/app.ts';

const FLAG = 'FEATURE_SIGNUP_V2';

test('with the memory store a change is seen when the call returns', async () => {
  const { flags } = (await makeApp()).locals;
  const set = flags.set(FLAG, true);
  expect(flags.isOn(FLAG)).toBe(true);
  const unset = set.then(() => flags.unset(FLAG));
  expect((await unset).value).toBe(false);
  expect(flags.isOn(FLAG)).toBe(false);
});

test('an override tells who, why and until when, and what it hides', async () => {
  const { flags } = (await makeApp({ vars: { FEATURE_SIGNUP_V2: 'true' } })).locals;
  const before = Date.now();
  const state = await flags.set(FLAG, false, { by: 'ada', reason: 'too slow', ttlSeconds: 60 });
  expect(state).toMatchObject({
    value: false,
    source: 'override',
    revision: 1,
    configured: { value: true, source: `env ${FLAG}` },
    override: { by: 'ada', reason: 'too slow', value: false, revision: 1 },
  });
  expect(state.override?.at).toBeGreaterThanOrEqual(before);
  expect(state.override?.until).toBe((state.override?.at ?? 0) + 60_000);
});

test('no reason and no subject of a list steers the terminal that the notice is shown on', async () => {
  const { flags } = (await makeApp()).locals;
  const reason = 'hi \u001b[31m\u001b]0;title\u0007\nline 2';
  const { notice } = await flags.set(FLAG, { allow: ['a\u009b31m\u202e'] }, { reason });
  expect(notice).toMatch(/^[ -~]+$/);
  expect(notice).toContain(String.raw`(hi \u001b[31m\u001b]0;title\u0007\u000aline 2)`);
});

test('a change that expects another revision is refused, and changes nothing', async () => {
  const { flags } = (await makeApp()).locals;
  await flags.set(FLAG, true, { ifRevision: 0 });
  const late = flags.set(FLAG, false, { ifRevision: 0 });
  await expect(late).rejects.toMatchObject({ code: 'FLAG_REVISION' });
  expect(flags.isOn(FLAG)).toBe(true);
  expect((await flags.unset(FLAG, { ifRevision: 1 })).revision).toBe(2);
});

test('a view keeps its moment', async () => {
  const { flags } = (await makeApp()).locals;
  const before = flags.state;
  await flags.set(FLAG, true);
  expect([before.isOn(FLAG), flags.state.isOn(FLAG)]).toEqual([false, true]);
  expect(Object.isFrozen(before)).toBe(true);
});

test('listeners hear the flags that changed, and one that fails harms nobody', async () => {
  const { flags } = (await makeApp()).locals;
  const heard: string[] = [];
  flags.onChange(() => {
    throw new Error('a listener of the test');
  });
  const end = flags.onChange((name) => heard.push(name));
  await flags.set(FLAG, true);
  end();
  await flags.unset(FLAG);
  expect(heard).toEqual([FLAG]);
});

test('the embedded database keeps overrides through a restart', async () => {
  const world = { vars: { APP_ENV: 'development' }, env: 'development' };
  const placed = place(world);
  const first = await makeApp(world, placed);
  await first.locals.flags.set(FLAG, { rollout: 30, allow: ['ada'] }, { by: 'ada', reason: 'try' });
  await first.locals.close();
  const second = await makeApp(world, placed);
  expect(second.locals.flags.list().find(({ name }) => name === FLAG)).toMatchObject({
    value: { rollout: 30, allow: ['ada'] },
    revision: 1,
    override: { by: 'ada', reason: 'try' },
  });
});

test('a place that has lost its overrides gets them back, and keeps what it has newer', async () => {
  const vars = { APP_ENV: 'development', FLAGS_RECONCILE_SECONDS: '1' };
  const { flags, database } = (await makeApp({ vars, env: 'development' })).locals;
  await flags.set(FLAG, true, { by: 'ada', reason: 'try' });
  await flags.set(FLAG, { rollout: 30 }, { by: 'bob' });
  const rows = () => database.query(sql`SELECT * FROM flag_overrides`);
  const before = await rows();
  await database.query(sql`DELETE FROM flag_overrides`);
  await expect.poll(rows, { timeout: 5_000 }).toEqual(before);
  await database.query(sql`UPDATE flag_overrides SET value = 'true', revision = 5`);
  await expect.poll(() => flags.isOn(FLAG), { timeout: 5_000 }).toBe(true);
  expect((await flags.unset(FLAG)).revision).toBe(6);
});

test('an end beyond a year is refused, and one that is no date is read as no override', async () => {
  const { config, flags, database } = (await makeApp({ vars: { FLAGS_STORE: 'database' } })).locals;
  await expect(flags.set(FLAG, true, { ttlSeconds: 10 ** 13 })).rejects.toThrow('Too big');
  await flags.set('FEATURE_NEW_CHECKOUT', true);
  await database.query(sql`INSERT INTO flag_overrides (name, value, changed_by, changed_at, ends_at,
    revision) VALUES (${FLAG}, 'true', 'ada', 1, 10000000000000000, 1)`);
  const restarted = await createFlagStore(config, database, undefined);
  onTestFinished(() => restarted.close());
  expect([restarted.isOn(FLAG), restarted.isOn('FEATURE_NEW_CHECKOUT')]).toEqual([false, true]);
});

test('the end of an override turns it back by itself', async () => {
  const { flags } = (await makeApp()).locals;
  const ended = new Promise((resolve) => flags.onChange((name) => resolve(name)));
  await flags.set(FLAG, true, { ttlSeconds: 1 });
  expect(flags.isOn(FLAG)).toBe(true);
  await ended;
  await expect
    .poll(() => flags.explain(FLAG), { timeout: 5_000 })
    .toMatchObject({
      on: false,
      reason: 'expired override',
    });
});
