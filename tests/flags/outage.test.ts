import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  keepAsking,
  RECONCILE_SECONDS,
  revisions,
  SOON,
  shown,
  startReplicas,
  statuses,
} from './replicas.ts';
import { type SharedStore, useStores } from './shared-stores.ts';

const OUTAGE_SECONDS = Number(process.env['OUTAGE_SECONDS'] ?? (process.env['CI'] ? 60 : 5));
const OTHER_FLAG = 'FEATURE_NEW_CHECKOUT';
// Beside the time to reconcile: to connect again, to load, and what a busy machine takes.
const SLACK_SECONDS = 3;
const stores = useStores().filter(([, isMissing]) => !isMissing);

/** Let four replicas lose their store under load, and find it again. */
async function survive(open: () => Promise<SharedStore>) {
  const store = await open();
  const replicas = await startReplicas(store.vars);
  const [first] = replicas;
  const each = <T>(value: T) => replicas.map(() => value);
  await first.toggle(true);
  await expect.poll(() => shown(replicas), SOON).toEqual(each(true));

  const load = keepAsking(replicas);
  await store.kill();
  await expect.poll(() => statuses(replicas), SOON).toEqual(each('stale'));
  const before = load.answered();
  await wait(OUTAGE_SECONDS * 1000);
  expect(await statuses(replicas)).toEqual(each('stale'));
  expect((await first.toggle(false)).status).toBe(503);
  expect(load.answered() - before).toBeGreaterThan(OUTAGE_SECONDS * 10);

  await store.start();
  const back = performance.now();
  const change = async () => (await first.toggle(true, {}, OTHER_FLAG)).status;
  await expect.poll(change, SOON).toBe(200);
  await expect.poll(() => revisions(replicas, OTHER_FLAG), SOON).toEqual(each(1));
  await expect.poll(() => statuses(replicas), SOON).toEqual(each('fresh'));
  const agreedAfter = (performance.now() - back) / 1000;
  expect(await revisions(replicas)).toEqual(each(1));
  expect(await load.end()).toEqual(new Set([true]));
  return { agreedAfter, answered: load.answered() };
}

test(
  'with the store dead, under load, no value flips and no request fails; then all agree soon',
  async () => {
    expect(stores.length).toBeGreaterThan(0);
    const survived = await Promise.all(stores.map(([, , open]) => survive(open)));
    for (const { agreedAfter } of survived) {
      expect(agreedAfter).toBeLessThan(RECONCILE_SECONDS + SLACK_SECONDS);
    }
  },
  (OUTAGE_SECONDS + 60) * 1000,
);
