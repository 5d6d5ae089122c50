import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import sql from 'sql-template-tag';
import { expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../../src/database/sqlite.ts';
import { makeApp, temporaryFolder } from '../support/app.ts';

function openFile(...names: string[]) {
  const file = join(temporaryFolder(), ...names);
  const database = openSqlite(file);
  onTestFinished(() => database.close());
  return { file, database };
}

test('a file is in WAL mode, so that readers do not wait for the writer', async () => {
  const { file, database } = openFile('app.db');
  expect(await database.query(sql`PRAGMA journal_mode`)).toEqual([{ journal_mode: 'wal' }]);
  const reader = openSqlite(file);
  onTestFinished(() => reader.close());
  await database.transaction(({ script }) => script('CREATE TABLE notes (id TEXT)'));
  await database.transaction(async ({ query }) => {
    await query(sql`INSERT INTO notes VALUES ('a')`);
    expect(await reader.query(sql`SELECT id FROM notes`)).toEqual([]);
  });
  expect(await reader.query(sql`SELECT id FROM notes`)).toEqual([{ id: 'a' }]);
});

test('another program that writes is waited for, while the process goes on', async () => {
  const { file, database } = openFile('app.db');
  await database.transaction(({ script }) => script('CREATE TABLE notes (id TEXT)'));
  const other = new DatabaseSync(file);
  onTestFinished(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const writes = Promise.all([
    database.query(sql`INSERT INTO notes VALUES ('a')`),
    database.transaction(({ query }) => query(sql`INSERT INTO notes VALUES ('b')`)),
  ]);
  const start = performance.now();
  await setTimeout(10);
  expect(performance.now() - start).toBeLessThan(1_000);
  other.exec('COMMIT');
  await writes;
  expect(await database.query(sql`SELECT id FROM notes`)).toEqual([{ id: 'a' }, { id: 'b' }]);
});

test('behind one lock all fail at its end, not one after the other', async () => {
  const { file, database } = openFile('app.db');
  await database.transaction(({ script }) => script('CREATE TABLE notes (id TEXT)'));
  const other = new DatabaseSync(file);
  onTestFinished(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const start = performance.now();
  const writes = ['a', 'b', 'c'].map((id) => database.query(sql`INSERT INTO notes VALUES (${id})`));
  const ended = await Promise.allSettled(writes);
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(performance.now() - start).toBeLessThan(9_000);
});

test('whoever only looks changes no byte of a file, and may not', async () => {
  const file = join(temporaryFolder(), 'copy.db');
  const copy = new DatabaseSync(file);
  copy.exec("CREATE TABLE notes (id TEXT); INSERT INTO notes VALUES ('a')");
  copy.close();
  const bytes = readFileSync(file);
  const database = openSqlite(file, { look: true });
  expect(await database.query(sql`SELECT id FROM notes`)).toEqual([{ id: 'a' }]);
  await expect(database.query(sql`DELETE FROM notes`)).rejects.toThrow('readonly');
  await database.close();
  expect(readFileSync(file).equals(bytes)).toBe(true);
});

test('a new file and its folder are made, and only this user may read the file', async () => {
  const { file, database } = openFile('deep', 'down', 'app.db');
  await database.transaction(({ script }) => script('CREATE TABLE notes (id TEXT)'));
  for (const name of [file, `${file}-wal`, `${file}-shm`]) {
    expect({ name, mode: statSync(name).mode & 0o777 }).toEqual({ name, mode: 0o600 });
  }
});

test('a file that is no database is refused, and stays as it was', async () => {
  const file = join(temporaryFolder(), 'letter.txt');
  writeFileSync(file, 'a letter of more than a hundred bytes '.repeat(4));
  chmodSync(file, 0o644);
  const refusal = await makeApp({ vars: { DATABASE_URL: `sqlite:///${file}` } }).catch(String);
  expect(refusal).toContain('is it a database that this user may write?');
  expect(readFileSync(file, 'utf8')).toMatch(/^a letter/);
  expect(statSync(file).mode & 0o777).toBe(0o644);
});

test('a relative name is looked for in the instance folder', async () => {
  const instanceDir = temporaryFolder();
  const placed = { instanceDir, secretsDir: temporaryFolder() };
  await makeApp({ vars: { DATABASE_URL: 'sqlite:mine.db' } }, placed);
  expect(existsSync(join(instanceDir, 'mine.db'))).toBe(true);
});
