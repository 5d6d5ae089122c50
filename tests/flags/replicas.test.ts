import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/app.ts';
import { lacksPostgres } from '../support/postgres.ts';
import { lacksRedis, startRedis } from '../support/redis.ts';
import { revisions, SOON, shown, startReplicas, statuses } from './replicas.ts';
import { postgres, useStores } from './shared-stores.ts';

const all = (value: boolean) => [value, value, value, value];
const stores = useStores();

describe.each(stores)('four replicas with %s', (_name, isMissing, open) => {
  test.skipIf(isMissing)('all show a toggle on one of them, and one revision', async () => {
    const replicas = await startReplicas((await open()).vars);
    const [first, second] = replicas;
    expect(await shown(replicas)).toEqual(all(false));
    expect((await first.toggle(true)).body).toMatchObject({ ok: true, revision: 1 });
    await expect.poll(() => shown(replicas), SOON).toEqual(all(true));
    expect((await second?.toggle(false))?.body).toMatchObject({ ok: true, revision: 2 });
    await expect.poll(() => shown(replicas), SOON).toEqual(all(false));
    await expect.poll(() => revisions(replicas), SOON).toEqual([2, 2, 2, 2]);
  });

  test.skipIf(isMissing)('changes that race are each refused or kept, never lost', async () => {
    const replicas = await startReplicas((await open()).vars);
    const rounds = Array.from({ length: 5 }, () => replicas).flat();
    const answers = await Promise.all(rounds.map((replica, at) => replica.toggle(at % 2 === 0)));
    expect(new Set(answers.map(({ body }) => body.revision)).size).toBe(rounds.length);
    await expect.poll(() => revisions(replicas), SOON).toEqual(replicas.map(() => 20));
    expect(new Set(await shown(replicas)).size).toBe(1);
  });

  test.skipIf(isMissing)('of changes that expect one revision, one is made', async () => {
    const replicas = await startReplicas((await open()).vars);
    for (const revision of [0, 1, 2]) {
      const race = replicas.map((replica) => replica.toggleIf(revision, { rollout: revision }));
      expect((await Promise.all(race)).sort()).toEqual([200, 412, 412, 412]);
    }
    await expect.poll(() => revisions(replicas), SOON).toEqual([3, 3, 3, 3]);
  });

  test.skipIf(isMissing)('an override with an end reverts on all of them', async () => {
    const replicas = await startReplicas((await open()).vars);
    await replicas[0].toggle(true, { ttlSeconds: 3 });
    await expect.poll(() => shown(replicas), SOON).toEqual(all(true));
    await expect.poll(() => shown(replicas), SOON).toEqual(all(false));
  });

  test.skipIf(isMissing)('one that dies harms nobody, and one that comes late agrees', async () => {
    const { vars } = await open();
    const replicas = await startReplicas(vars);
    const [first, second, ...others] = replicas;
    second?.server.process.kill('SIGKILL');
    await first.toggle(true);
    const [late] = await startReplicas(vars, 1);
    const alive = [first, ...others, late];
    await expect.poll(() => shown(alive), SOON).toEqual(all(true));
  });
});

test.skipIf(lacksPostgres)('a listener that was cut off listens again, and hears', async () => {
  const { name, url } = await postgres().createDatabase();
  // Reconciling is far away: only a listener can bring the news.
  const vars = { DATABASE_URL: url, FLAGS_RECONCILE_SECONDS: '3600' };
  const replicas = await startReplicas(vars);
  const listening = `SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = '${name}'`;
  const pids = async () => (await postgres().run(listening)).rows.map(({ pid }) => pid as number);
  await expect.poll(async () => (await pids()).length, SOON).toBe(4);
  const cut = await pids();
  await postgres().run(`SELECT pg_terminate_backend(pid) FROM (${listening}) AS listeners`);
  const anew = async () => (await pids()).filter((pid) => !cut.includes(pid));
  await expect.poll(async () => (await anew()).length, SOON).toBe(4);
  await replicas[0].toggle(true);
  await expect.poll(() => shown(replicas), SOON).toEqual(all(true));
});

test.skipIf(lacksRedis)('a store that hangs delays no request, and refuses changes', async () => {
  const redis = await startRedis();
  const replicas = await startReplicas({ FLAGS_STORE: 'redis', REDIS_URL: redis.url });
  await replicas[0].toggle(true);
  await expect.poll(() => shown(replicas), SOON).toEqual(all(true));
  redis.pause();
  try {
    expect((await replicas[0].toggle(false)).status).toBe(503);
    const start = performance.now();
    expect(await shown(replicas)).toEqual(all(true));
    expect(performance.now() - start).toBeLessThan(1_000);
  } finally {
    redis.resume();
  }
  await expect.poll(() => statuses(replicas), SOON).toEqual(replicas.map(() => 'fresh'));
});

test('processes that share one SQLite file agree', async () => {
  const vars = { DATABASE_URL: `sqlite:${temporaryFolder()}/shared.db` };
  const replicas = await startReplicas({ ...vars, FLAGS_RECONCILE_SECONDS: '3600' }, 2);
  await replicas[0].toggle(true);
  await expect.poll(() => shown(replicas), SOON).toEqual([true, true]);
});
