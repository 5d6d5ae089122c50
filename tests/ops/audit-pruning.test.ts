import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keyRing, seal } from '../../src/database/audit/chain.ts';
import { verifyTrail } from '../../src/database/audit/verify.ts';
import type { Query } from '../../src/database/database.ts';
import { temporaryFolder } from '../support/app.ts';
import { insertOf, openChain, openPruned, setDay, writtenChain } from './chain.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

test('what is pruned while it is verified is no gap, and what else goes is', async () => {
  const chain = await openChain();
  for (let count = 0; count < 600; count += 1) await chain.record();
  const { database, config } = chain.app.locals;
  const { hash } = (await chain.rows())[549] ?? {};
  let asked = 0;
  const query: Query = async (statement) => {
    asked += 1;
    if (asked === 2) {
      await chain.record({ action: 'audit.prune', detail: { through: 550, hash } });
      await chain.tamper('DELETE FROM audit WHERE sequence <= 550');
    }
    return database.query(statement);
  };
  expect(await verifyTrail({ query }, keyRing(config))).toMatchObject({
    entries: 51,
    first: 551,
    last: 601,
    bad: undefined,
  });
  await chain.tamper('DELETE FROM audit WHERE sequence = 560');
  expect((await chain.verify()).bad).toEqual({ sequence: 560, reason: 'is missing' });
});

test('a long past is taken away bit by bit, so that nobody waits long', async () => {
  setDay(0);
  const chain = await openPruned();
  await chain.record();
  const ring = keyRing(chain.app.locals.config);
  const past = await chain.rows();
  for (let sequence = 2; sequence <= 6000; sequence += 1) {
    const before = past[sequence - 2];
    if (before) past.push(seal({ ...before, sequence, previous: before.hash }, ring));
  }
  await chain.tamper(insertOf(past.slice(1)));
  setDay(8);
  const left: number[] = [];
  for (const _ of [1, 2, 3]) {
    await chain.record();
    left.push((await chain.rows()).length);
  }
  // The first time 5,000; then what was left of the old ones; then there is nothing to do.
  expect(left).toEqual([1002, 4, 5]);
  expect((await chain.verify()).bad).toBeUndefined();
});

test('old entries are taken away from the front, and the rest stays verifiable', async () => {
  setDay(0);
  const DATABASE_URL = `sqlite:${temporaryFolder()}/audit.db`;
  const keep = await openChain({ DATABASE_URL });
  for (let count = 0; count < 4; count += 1) {
    setDay(count);
    await keep.record();
  }
  const pruning = await openPruned({ DATABASE_URL });
  setDay(4.5);
  await pruning.record();
  const left = async () => (await pruning.rows()).map(({ sequence, action }) => [sequence, action]);
  expect(await left()).toEqual([
    [4, 'flag.set'],
    [5, 'flag.set'],
    [6, 'audit.prune'],
  ]);
  expect(await pruning.verify()).toEqual({ entries: 3, first: 4, last: 6, anchors: 0 });
  // Not with every entry, and later for all that were there, the telling entry included.
  await pruning.record();
  expect(await left()).toHaveLength(4);
  setDay(9);
  await pruning.record();
  expect(await left()).toEqual([
    [8, 'flag.set'],
    [9, 'audit.prune'],
  ]);
  expect((await pruning.verify()).bad).toBeUndefined();

  const cut = await pruning.verifyAfter('DELETE FROM audit WHERE sequence = 8');
  expect(cut.bad).toEqual({ sequence: 8, reason: 'is missing' });
  // Without a word that can be trusted, all before the first are missing.
  const forged = `UPDATE audit SET detail = '{"through":8,"hash":""}' WHERE sequence = 9`;
  expect((await pruning.verifyAfter(forged)).bad?.sequence).toBe(1);
});

test('a number beyond those of JavaScript keeps nothing from being pruned and recorded', async () => {
  const url = `sqlite:///${temporaryFolder()}/audit.db`;
  const chain = await writtenChain(2, { DATABASE_URL: url });
  await chain.tamper('UPDATE audit SET sequence = -1152921504606846976 WHERE sequence = 1');
  const pruning = await openPruned({ DATABASE_URL: url });
  await pruning.record();
  expect((await pruning.rows()).at(-1)?.sequence).toBe(3);
});
