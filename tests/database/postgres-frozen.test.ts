import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import sql from 'sql-template-tag';
import { expect, onTestFinished, test } from 'vitest';
import { openPostgres } from '../../src/database/postgres.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { startServer } from '../support/process.ts';

/** The way to a server, which `freeze` makes swallow what is sent. */
async function linkTo(postgres: PostgresServer) {
  let isFrozen = false;
  const link = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect(postgres.port, '127.0.0.1').on('error', () => undefined);
    client.on('data', (data) => isFrozen || server.write(data)).on('error', () => undefined);
    server.pipe(client, { end: false });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void link.close());
  await once(link, 'listening');
  const url = new URL(postgres.url());
  url.port = String((link.address() as AddressInfo).port);
  const freeze = () => {
    isFrozen = true;
  };
  return { url: url.href, freeze };
}

test.skipIf(lacksPostgres)(
  'a PostgreSQL server that freezes does not hold up the end',
  async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.remove());
    const { url, freeze } = await linkTo(postgres);
    const app = startServer({
      vars: { DATABASE_URL: url, APP_SHUTDOWN_TIMEOUT_MS: '500', LOG_LEVEL: 'info' },
    });
    await app.url();
    freeze();
    const start = performance.now();
    app.process.kill('SIGTERM');
    expect((await app.ended()).code).toBe(0);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(app.stdout).toMatch(/"msg":"a service was not closed"\}\n.*"msg":"ended"\}\n$/);
  },
);

test.skipIf(lacksPostgres)(
  'a PostgreSQL server that freezes costs a query or a transaction seconds',
  async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.remove());
    const { url, freeze } = await linkTo(postgres);
    const database = openPostgres(
      () => url,
      async () => undefined,
    );
    await Promise.all([1, 2].map(() => database.query(sql`SELECT pg_sleep(0.1)`)));
    freeze();
    const start = performance.now();
    const ended = await Promise.allSettled([
      database.query(sql`SELECT 1`),
      database.transaction(({ query }) => query(sql`SELECT 1`)),
    ]);
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(performance.now() - start).toBeLessThan(11_000);
    await database.close();
  },
);
