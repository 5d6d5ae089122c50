import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/app.ts';
import { type Chain, openChain } from './chain.ts';

const [OLD, NEW, NEWEST] = ['old', 'new', 'newest'].map((name) => `secret-key-${name}-of-tests`);

/** One database, opened again and again with other keys. */
function database(): (key: string | undefined, ...fallbacks: unknown[]) => Promise<Chain> {
  const url = `sqlite:${temporaryFolder()}/audit.db`;
  return (key = '', ...fallbacks) =>
    openChain({
      DATABASE_URL: url,
      SECRET_KEY: key,
      SECRET_KEY_FALLBACKS: JSON.stringify(fallbacks),
    });
}

const badOf = async (chain: Chain) => (await chain.verify()).bad?.sequence;

test('entries of an earlier key are verified by the fallback', async () => {
  const open = database();
  const before = await open(OLD);
  await before.record();
  const after = await open(NEW, OLD);
  expect(await badOf(after)).toBeUndefined();
  await after.record();
  const keys = (await after.rows()).map(({ keyId }) => keyId);
  expect(new Set(keys).size).toBe(2);
  expect(await badOf(after)).toBeUndefined();
});

test('without the fallback they are, once an entry of the new key vouches for them', async () => {
  const open = database();
  const old = await open(OLD);
  for (let count = 0; count < 3; count += 1) await old.record();
  expect(await badOf(await open(NEW))).toBe(1);
  await (await open(NEW, OLD)).record();
  await (await open(NEWEST, NEW)).record();
  const chain = await open(NEWEST);
  expect(await chain.verify()).toEqual({ entries: 5, first: 1, last: 5, anchors: 0 });

  await chain.tamper("UPDATE audit SET actor = 'mallory' WHERE sequence = 2");
  expect(await badOf(chain)).toBe(2);
});

test('a key that is replaced without a fallback is told, until it is known again', async () => {
  const open = database();
  await (await open(OLD)).record();
  const careless = await open(NEW);
  await careless.record();
  await careless.record();
  expect((await careless.rows()).map(({ sequence, action }) => [sequence, action])).toEqual([
    [1, 'flag.set'],
    [2, 'audit.untrusted'],
    [3, 'flag.set'],
    [4, 'flag.set'],
  ]);
  expect((await careless.verify()).bad).toEqual({
    sequence: 1,
    reason: 'is signed with a key that is not known, and no later one vouches for it',
  });
  expect(await badOf(await open(NEW, OLD))).toBeUndefined();
});

test('the new key vouches for nothing that it found broken', async () => {
  const open = database();
  const old = await open(OLD);
  for (let count = 0; count < 3; count += 1) await old.record();
  await old.tamper('UPDATE audit SET mac = hash WHERE sequence = 3');
  const rotated = await open(NEW, OLD);
  await rotated.record();
  expect((await rotated.rows()).map(({ action }) => action)).toContain('audit.untrusted');
  expect(await badOf(rotated)).toBe(3);
  expect(await badOf(await open(NEW))).toBe(1);
});
