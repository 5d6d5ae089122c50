import { expect, test, vi } from 'vitest';
import { keyRing } from '../../src/database/audit/chain.ts';
import { auditRows } from '../../src/database/audit/trail.ts';
import { verifyRows } from '../../src/database/audit/verify.ts';
import { temporaryFolder } from '../support/app.ts';
import { type Chain, openChain, writtenChain } from './chain.ts';

const COLUMNS = `at, actor, role, address, request_id, action, target, outcome, config_version,
  detail, key_id, previous, hash, mac`;
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

test('a long past is taken away bit by bit, so that nobody waits long', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    vi.setSystemTime(new Date('2026-01-01T00:00:00Z'));
    const chain = await openChain({ APP_AUDIT_RETENTION_DAYS: '2' });
    await chain.record();
    await chain.tamper(`
      CREATE TABLE past AS SELECT * FROM audit;
      WITH RECURSIVE numbers(number) AS (
        SELECT 2 UNION ALL SELECT number + 1 FROM numbers WHERE number < 6000)
      INSERT INTO audit SELECT number, ${COLUMNS} FROM past, numbers`);
    vi.setSystemTime(new Date('2026-01-09T00:00:00Z'));
    const left: number[] = [];
    for (const _ of [1, 2, 3]) {
      await chain.record();
      left.push((await chain.rows()).length);
    }
    // The first time 5,000; then what was left of the old ones; then there is nothing to do.
    expect(left).toEqual([1002, 4, 5]);
  } finally {
    vi.useRealTimers();
  }
});

test('a number beyond those of JavaScript keeps nothing from being pruned and recorded', async () => {
  const url = `sqlite:///${temporaryFolder()}/audit.db`;
  const chain = await writtenChain(2, { DATABASE_URL: url });
  await chain.tamper('UPDATE audit SET sequence = -1152921504606846976 WHERE sequence = 1');
  const pruning = await openChain({ DATABASE_URL: url, APP_AUDIT_RETENTION_DAYS: '2' });
  await pruning.record();
  expect((await pruning.rows()).at(-1)?.sequence).toBe(3);
});

test('what is pruned while it is verified is no gap, and what else goes is', async () => {
  const chain = await openChain();
  for (let count = 0; count < 600; count += 1) await chain.record();
  const { database, config } = chain.app.locals;
  const { hash } = (await chain.rows())[549] ?? {};
  const rows = async function* () {
    for await (const row of auditRows(database)) {
      if (row.sequence === 500) {
        await chain.record({ action: 'audit.prune', detail: { through: 550, hash } });
        await chain.tamper('DELETE FROM audit WHERE sequence <= 550');
      }
      yield row;
    }
  };
  expect(await verifyRows(rows(), keyRing(config))).toMatchObject({
    first: 1,
    last: 601,
    bad: undefined,
  });
  await chain.tamper('DELETE FROM audit WHERE sequence = 560');
  expect((await chain.verify()).bad).toEqual({ sequence: 560, reason: 'is missing' });
});

test('old entries are taken away from the front, and the rest stays verifiable', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const open = database();
    const start = new Date('2026-01-01T00:00:00Z');
    const day = (days: number) => vi.setSystemTime(start.getTime() + days * 24 * 60 * 60 * 1000);
    day(0);
    const keep = await open(OLD);
    for (let count = 0; count < 4; count += 1) {
      day(count);
      await keep.record();
    }
    const url = String(keep.app.locals.config.get('DATABASE_URL'));
    const pruning = await openChain({
      DATABASE_URL: url,
      SECRET_KEY: OLD ?? '',
      APP_AUDIT_RETENTION_DAYS: '2',
    });
    day(4.5);
    await pruning.record();
    const left = async () =>
      (await pruning.rows()).map(({ sequence, action }) => [sequence, action]);
    expect(await left()).toEqual([
      [4, 'flag.set'],
      [5, 'flag.set'],
      [6, 'audit.prune'],
    ]);
    expect(await pruning.verify()).toEqual({ entries: 3, first: 4, last: 6, anchors: 0 });
    // Not with every entry, and later for all that were there, the telling entry included.
    await pruning.record();
    expect(await left()).toHaveLength(4);
    day(9);
    await pruning.record();
    expect(await left()).toEqual([
      [8, 'flag.set'],
      [9, 'audit.prune'],
    ]);
    expect(await badOf(pruning)).toBeUndefined();

    const cut = await pruning.verifyAfter('DELETE FROM audit WHERE sequence = 8');
    expect(cut.bad).toEqual({ sequence: 8, reason: 'is missing' });
    // Without a word that can be trusted, all before the first are missing.
    const forged = `UPDATE audit SET detail = '{"through":8,"hash":""}' WHERE sequence = 9`;
    expect((await pruning.verifyAfter(forged)).bad?.sequence).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
