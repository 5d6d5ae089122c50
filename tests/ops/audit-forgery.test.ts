import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AuditRow, hashOf, keyRing, seal } from '../../src/database/audit/chain.ts';
import { type Chain, COLUMNS, insertOf, openChain, openPruned, setDay } from './chain.ts';

const GUESS = 'a-key-that-somebody-made-up';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** Five entries that were pruned when the sixth was written: left are 6, 7 (audit.prune) and 8. */
async function pruned(): Promise<{ chain: Chain; gone: AuditRow[] }> {
  setDay(0);
  const chain = await openPruned();
  for (let count = 0; count < 5; count += 1) await chain.record();
  const gone = await chain.rows();
  setDay(9);
  await chain.record();
  await chain.record();
  return { chain, gone };
}

/** These rows, changed and signed anew, each with the hash of the one before. */
async function rewritten(rows: readonly AuditRow[], change: Partial<AuditRow>, key?: string) {
  const { config } = (await openChain(key === undefined ? {} : { SECRET_KEY: key })).app.locals;
  const forged: AuditRow[] = [];
  for (const row of rows) {
    const previous = forged.at(-1)?.hash ?? row.previous;
    forged.push(seal({ ...row, previous, ...change }, keyRing(config)));
  }
  return forged;
}

const sequences = async (chain: Chain) => (await chain.rows()).map(({ sequence }) => sequence);

test('what stands before the first entry that was not pruned is vouched for by nobody', async () => {
  const { chain, gone } = await pruned();
  expect(await sequences(chain)).toEqual([6, 7, 8]);
  expect((await chain.verify()).bad).toBeUndefined();
  const forged = await rewritten(gone, { actor: 'bob' }, GUESS);
  const badAfter = async (...rows: AuditRow[]) =>
    (await chain.verifyAfter(insertOf(rows))).bad?.sequence;
  const [one, two, three, four, five] = forged;
  if (!one || !two || !three || !four || !five) throw new Error('five are needed');
  expect(await badAfter(one, two, three)).toBe(1);
  expect(await badAfter(...forged)).toBe(1);
  expect(await badAfter(four, five)).toBeLessThanOrEqual(4);
  // Not even what this app signed once, nor what another of the same key did.
  expect(await badAfter(...gone.slice(0, 3))).toBe(4);
  const other = await rewritten(gone, { actor: 'of another database' });
  expect(await badAfter(...other.slice(0, 3))).toBe(4);
  expect(await badAfter(...other)).toBe(6);
});

test('an entry that tells of pruning explains no other gap', async () => {
  const { chain, gone } = await pruned();
  await chain.record();
  const [six, prune] = await chain.rows();
  if (six === undefined || prune === undefined) throw new Error('two are needed');
  const badAfter = async (script: string) => (await chain.verifyAfter(script)).bad?.sequence;
  expect(await badAfter('DELETE FROM audit WHERE sequence = 6')).toBe(6);
  expect(await badAfter('DELETE FROM audit WHERE sequence = 7')).toBeLessThanOrEqual(6);
  expect(await badAfter('DELETE FROM audit WHERE sequence IN (7, 8)')).toBeLessThanOrEqual(7);
  expect(await badAfter('DELETE FROM audit WHERE sequence = 8')).toBe(8);
  // The same words once more, about another stretch or at another place.
  const detail = JSON.stringify({ through: 8, hash: hashOf({ ...six, sequence: 8 }) });
  expect(await badAfter(`UPDATE audit SET detail = '${detail}' WHERE sequence = 7`)).toBe(1);
  const replay = insertOf([{ ...prune, sequence: 10 }]);
  expect(await badAfter(`${replay}DELETE FROM audit WHERE sequence = 8`)).toBe(8);
  const [made] = await rewritten([prune], { sequence: 10, detail }, GUESS);
  if (made === undefined) throw new Error('one is needed');
  expect(await badAfter(`${insertOf([made])}DELETE FROM audit WHERE sequence = 8`)).toBe(8);
  expect(await badAfter(`${insertOf(gone)}DELETE FROM audit WHERE sequence = 3`)).toBe(3);
});

test('no entry is pruned because somebody made it old', async () => {
  const written = async (tamper: (rows: AuditRow[]) => Promise<string> | string) => {
    setDay(0);
    const chain = await openPruned();
    for (let count = 0; count < 5; count += 1) await chain.record();
    await chain.tamper(await tamper(await chain.rows()));
    setDay(1);
    await chain.record();
    return { left: await sequences(chain), bad: (await chain.verify()).bad?.sequence };
  };
  const old = '2020-01-01T00:00:00.000Z';
  expect(await written(() => `UPDATE audit SET at = '${old}' WHERE sequence <= 3`)).toEqual({
    left: [1, 2, 3, 4, 5, 6],
    bad: 1,
  });
  // What nobody can tell from a past of its own goes, and what gives it away stays.
  const forge = async (rows: AuditRow[]) => {
    const forged = await rewritten(rows.slice(0, 3), { at: old }, GUESS);
    return `DELETE FROM audit WHERE sequence <= 3; ${insertOf(forged)}`;
  };
  expect(await written(forge)).toEqual({ left: [3, 4, 5, 6, 7], bad: 3 });
});

test('a whole past that is replaced by an old one is still told when that is pruned', async () => {
  setDay(0);
  const chain = await openPruned();
  for (let count = 0; count < 3; count += 1) await chain.record();
  const forged = await rewritten(await chain.rows(), { at: '2020-01-01T00:00:00.000Z' }, GUESS);
  await chain.tamper(`DELETE FROM audit; ${insertOf(forged)}`);
  setDay(1);
  await chain.record();
  expect((await chain.rows()).map(({ action }) => action)).toEqual([
    'audit.untrusted',
    'flag.set',
    'audit.prune',
  ]);
  expect((await chain.verify()).bad).toEqual({
    sequence: 4,
    reason: 'vouches for nothing before it',
  });
});

test('an entry without a place in the chain is found', async () => {
  const { chain } = await pruned();
  const others = COLUMNS.slice(1);
  for (const place of ['NULL', '-9007199254740993', '0.5', '7.5', "'abc'"]) {
    const script = `INSERT INTO audit SELECT ${place}, ${others} FROM audit WHERE sequence = 6`;
    expect((await chain.verifyAfter(script)).bad, place).toBeDefined();
  }
});
