import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOf } from '../../src/database/audit/chain.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { anchorsOf, type Chain, writtenChain } from './chain.ts';

const LAST = 6;
const COLUMNS =
  'at, actor, role, address, request_id, action, target, outcome, config_version, detail, key_id, previous, hash, mac';

/** Per way to tamper: the statements, and the first sequence that `verify` must name. */
type Case = [what: string, script: string, bad: number];

const set = (change: string, sequence: number) =>
  `UPDATE audit SET ${change} WHERE sequence = ${sequence};`;
const move = (from: number, to: number) => set(`sequence = ${to}`, from);
const swap = (one: number, other: number) => move(one, 0) + move(other, one) + move(0, other);
const makeRoom = (at: number) =>
  Array.from({ length: LAST - at + 1 }, (_, i) => move(LAST - i, LAST - i + 1)).join('');
const copy = (from: number, to: number) =>
  `INSERT INTO audit (sequence, ${COLUMNS}) SELECT ${to}, ${COLUMNS} FROM audit WHERE sequence = ${from};`;
const pairs = [1, 2, 3, 4, 5, 6].flatMap((one) =>
  [1, 2, 3, 4, 5, 6].filter((other) => other > one).map((other) => [one, other] as const),
);

const EDITS: Case[] = [
  ...COLUMNS.split(', ').flatMap((column): Case[] => {
    const value = column === 'config_version' ? '7' : "'another'";
    return [[`${column} of the third is changed`, set(`${column} = ${value}`, 3), 3]];
  }),
  ...['actor', 'role', 'address', 'request_id', 'target', 'detail'].map(
    (column): Case => [`${column} of the first is taken out`, set(`${column} = NULL`, 1), 1],
  ),
  ['a space is added to a detail', set("detail = detail || ' '", 2), 2],
  ['an outcome of the last is changed', set("outcome = 'refused'", LAST), LAST],
  ['two fields change places', set('actor = role, role = actor', 4), 4],
];
const MOVES: Case[] = [
  ...pairs.map(([one, other]): Case => [`${one} and ${other} are swapped`, swap(one, other), one]),
  ...[1, 2, 3, 4, 5].map(
    (one): Case => [`${one} is removed`, `DELETE FROM audit WHERE sequence = ${one};`, one],
  ),
  ...[2, 3, 4, 5].map(
    (one): Case => [
      `${one} is removed and the gap closed`,
      `DELETE FROM audit WHERE sequence = ${one};${[...Array(LAST - one).keys()].map((i) => move(one + i + 1, one + i)).join('')}`,
      one,
    ],
  ),
  ['the front is cut off', 'DELETE FROM audit WHERE sequence < 4;', 1],
  ...[1, 3, LAST].map(
    (at): Case => [
      `a copy is put in at ${at}`,
      makeRoom(at) + copy(at === 1 ? LAST + 1 : 1, at),
      at,
    ],
  ),
  ['a copy is put before the first', copy(2, 0), 0],
  ['a copy is put far before the first', copy(2, -5), -5],
  ['a copy is put at the end', copy(2, LAST + 1), LAST + 1],
  ['an entry is moved far away', move(3, 99), 3],
];

const databases: [name: string, isMissing: boolean, url: () => Promise<string>][] = [
  ['SQLite', false, async () => 'sqlite::memory:'],
  ['PostgreSQL', lacksPostgres, async () => (await postgres.createDatabase()).url],
];
let postgres: PostgresServer;

describe.each(databases)('on %s', (name, isMissing, url) => {
  describe.skipIf(isMissing)('verify', () => {
    if (name === 'PostgreSQL') {
      beforeAll(async () => {
        postgres = await startPostgres();
      });
      afterAll(() => postgres.remove());
    }
    const open = async (): Promise<Chain> => writtenChain(LAST, { DATABASE_URL: await url() });

    test('finds nothing where nobody tampered', async () => {
      const chain = await open();
      const anchors = anchorsOf(await chain.rows());
      expect(await chain.verify(anchors)).toEqual({ entries: 6, first: 1, last: 6, anchors: 6 });
    });

    test.each([
      ['edit', EDITS],
      ['move', MOVES],
    ])('finds every %s', async (_kind, cases) => {
      const chain = await open();
      const found: Record<string, number | undefined> = {};
      for (const [what, script] of cases) {
        found[what] = (await chain.verifyAfter(script)).bad?.sequence;
      }
      expect(found).toEqual(Object.fromEntries(cases.map(([what, , bad]) => [what, bad])));
    });

    test('finds a cut at the end by the log alone', async () => {
      const chain = await open();
      const anchors = anchorsOf(await chain.rows());
      for (const first of [6, 4, 1]) {
        const cut = `DELETE FROM audit WHERE sequence >= ${first};`;
        expect((await chain.verifyAfter(cut)).bad).toBeUndefined();
        const bad = { sequence: first, reason: 'is missing' };
        expect((await chain.verifyAfter(cut, anchors)).bad).toEqual(bad);
      }
    });

    test('finds by the log that the end was cut off and written anew', async () => {
      const chain = await open();
      const anchors = anchorsOf(await chain.rows());
      await chain.tamper('DELETE FROM audit WHERE sequence > 4;');
      for (let count = 0; count < 3; count += 1) await chain.record();
      expect((await chain.verify()).bad).toBeUndefined();
      expect((await chain.verify(anchors)).bad).toEqual({
        sequence: 5,
        reason: 'differs from the log',
      });
    });

    test.each([
      ['all that follow', LAST, (id: string) => id],
      ['all that follow, with a key of their own', LAST, () => 'made-up-id'],
      ['some that follow, with a key of their own', 5, () => 'made-up-id'],
    ])('finds who changes an entry and computes anew %s', async (_what, end, idOf) => {
      const chain = await open();
      let previous = '';
      for (const row of (await chain.rows()).slice(0, end)) {
        const actor = row.sequence === 3 ? 'mallory' : row.actor;
        const keyId = row.sequence >= 3 ? idOf(row.keyId) : row.keyId;
        const hash = hashOf({ ...row, actor, keyId, previous });
        const forged = { actor, key_id: keyId, previous, hash };
        const changes = Object.entries(forged).map(([name, value]) => `${name} = '${value}'`);
        await chain.tamper(set(changes.join(), row.sequence));
        previous = hash;
      }
      expect((await chain.verify()).bad?.sequence).toBe(3);
      // What the app writes next does not make it good.
      await chain.record();
      await chain.record();
      expect((await chain.verify()).bad?.sequence).toBe(3);
      const untrusted = (await chain.rows()).filter(({ action }) => action === 'audit.untrusted');
      expect(untrusted.map(({ sequence }) => sequence)).toEqual(end === LAST ? [7] : []);
    });
  });
});
