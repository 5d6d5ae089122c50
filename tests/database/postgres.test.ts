import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeApp } from '../support/app.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';

describe.skipIf(lacksPostgres)('with PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());

  test('processes that start at once run each migration once', async () => {
    const { name, url } = await postgres.createDatabase();
    await Promise.all([1, 2, 3, 4].map(() => makeApp({ vars: { DATABASE_URL: url } })));
    const { rows } = await postgres.run('SELECT name FROM migrations ORDER BY name', name);
    expect(rows[0]).toEqual({ name: '0001-sessions.sql' });
    expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
  });

  test('a wrong password is one sentence with the masked URL', async () => {
    const vars = { DATABASE_URL: postgres.url('postgres', 'not the password') };
    const refusal = await makeApp({ vars }).catch((error: Error) => error.message);
    expect(refusal).toContain(`${postgres.maskedUrl()} refuses the user or the password`);
    expect(refusal).not.toContain('not the password');
  });
});
