import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openPostgres } from '../../src/database/postgres.ts';
import { openSqlite } from '../../src/database/sqlite.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';

/** What both databases must do alike, for the statements of the house to run on either. */
function behavesAsAgreed(open: () => Promise<Database>): void {
  const opened = async () => {
    const database = await open();
    onTestFinished(() => database.close());
    await database.transaction(({ script }) =>
      script('CREATE TABLE notes (id TEXT PRIMARY KEY, size BIGINT, body TEXT)'),
    );
    const bodies = async () => {
      const rows = await database.query<{ body: string }>(sql`SELECT body FROM notes ORDER BY id`);
      return rows.map(({ body }) => body);
    };
    const add = (id: string, body: string | null) =>
      sql`INSERT INTO notes (id, size, body) VALUES (${id}, ${1}, ${body})`;
    return { database, bodies, add };
  };

  test('values stay values, whatever they look like', async () => {
    const { database, add, bodies } = await opened();
    const hostile = "'); DROP TABLE notes; -- $1 ? \u{1f600}";
    await database.query(add('a', hostile));
    expect(await bodies()).toEqual([hostile]);
    expect(await database.query(sql`SELECT id FROM notes WHERE body = ${hostile}`)).toEqual([
      { id: 'a' },
    ]);
  });

  test('numbers of 53 bits and NULL come back as they were', async () => {
    const { database } = await opened();
    const [size, body] = [Number.MAX_SAFE_INTEGER, null];
    await database.query(sql`INSERT INTO notes (id, size, body) VALUES ('a', ${size}, ${body})`);
    expect(await database.query(sql`SELECT size, body FROM notes`)).toEqual([{ size, body }]);
  });

  test('a statement without rows gives none', async () => {
    const { database, add } = await opened();
    expect(await database.query(add('a', 'one'))).toEqual([]);
  });

  test('a transaction that throws leaves nothing behind, and the next one works', async () => {
    const { database, add, bodies } = await opened();
    const failure = new Error('thrown on purpose');
    const doomed = database.transaction(async ({ query }) => {
      await query(add('a', 'lost'));
      throw failure;
    });
    await expect(doomed).rejects.toBe(failure);
    await database.transaction(({ query }) => query(add('b', 'kept')));
    expect(await bodies()).toEqual(['kept']);
  });

  test('a statement that fails inside a transaction undoes the ones before it', async () => {
    const { database, add, bodies } = await opened();
    const doomed = database.transaction(async ({ query }) => {
      await query(add('a', 'first'));
      await query(add('a', 'same key'));
    });
    await expect(doomed).rejects.toThrow();
    expect(await bodies()).toEqual([]);
  });

  test('what others ask meanwhile sees a transaction whole or not at all', async () => {
    const { database, add, bodies } = await opened();
    const seen: number[] = [];
    const working = database.transaction(async ({ query }) => {
      for (const id of ['a', 'b', 'c']) await query(add(id, id));
    });
    const asking = Array.from({ length: 20 }, async () => seen.push((await bodies()).length));
    await Promise.all([working, ...asking]);
    expect(seen.filter((count) => count !== 0 && count !== 3)).toEqual([]);
    expect(await bodies()).toEqual(['a', 'b', 'c']);
  });

  test('after close() a query is refused', async () => {
    const database = await open();
    await database.close();
    await expect(database.query(sql`SELECT 1`)).rejects.toThrow();
  });
}

describe('SQLite', () => behavesAsAgreed(async () => openSqlite(':memory:')));

describe.skipIf(lacksPostgres)('PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());
  behavesAsAgreed(async () => {
    const { url } = await postgres.createDatabase();
    return openPostgres(
      () => url,
      async () => undefined,
    );
  });
});
