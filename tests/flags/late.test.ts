import { createClient } from 'redis';
import sql from 'sql-template-tag';
import { expect, onTestFinished, test } from 'vitest';
import { redisOverrides } from '../../src/flags/overrides/redis.ts';
import { makeApp } from '../support/app.ts';
import { lacksPostgres, startPostgres } from '../support/postgres.ts';
import { lacksRedis, startRedis } from '../support/redis.ts';

const FLAG = 'FEATURE_SIGNUP_V2';

test.skipIf(lacksRedis)('a change that Redis was too slow for is not made later', async () => {
  const redis = await startRedis();
  const client = createClient({ url: redis.url });
  await client.connect();
  onTestFinished(() => client.destroy());
  const store = redisOverrides(client);
  const put = (inMs: number) =>
    store.put({ name: FLAG, value: true, by: 'ada', at: 1, seen: 0, deadline: Date.now() + inMs });
  await expect(put(-1)).rejects.toThrow('LATE');
  expect(await store.load()).toEqual([]);
  expect(await put(10_000)).toMatchObject({ revision: 1 });

  const { flags } = (await makeApp({ vars: { FLAGS_STORE: 'redis', REDIS_URL: redis.url } }))
    .locals;
  redis.pause();
  try {
    await expect(flags.set(FLAG, false)).rejects.toMatchObject({ code: 'STORE_AWAY' });
  } finally {
    redis.resume();
  }
  await client.ping();
  expect(await store.load()).toMatchObject([{ value: true, revision: 1 }]);
});

test.skipIf(lacksPostgres)('a change that waited for a lock too long is not made', async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.remove());
  const vars = { FLAGS_STORE: 'database', DATABASE_URL: postgres.url() };
  const { flags, database } = (await makeApp({ vars })).locals;
  await flags.set(FLAG, false);
  await database.transaction(async ({ query }) => {
    await query(sql`SELECT 1 FROM flag_overrides FOR UPDATE`);
    await expect(flags.set(FLAG, true)).rejects.toMatchObject({ code: 'STORE_AWAY' });
  });
  // This waits for the change that was given up, as long as it goes on.
  expect((await flags.unset(FLAG)).revision).toBe(2);
});
