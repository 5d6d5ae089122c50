import { setTimeout as wait } from 'node:timers/promises';
import sql from 'sql-template-tag';
import { describe, expect, test } from 'vitest';
import { place } from '../support/app.ts';
import { lacksPostgres, startPostgres } from '../support/postgres.ts';
import { openDoor } from './door.ts';
import { type Forgery, SIGNING_VARS, secondsFromNow, send } from './signer.ts';

const open = () => openDoor({ vars: SIGNING_VARS });
const FLAG = 'FEATURE_SIGNUP_V2';

describe('of 50 copies one acts', () => {
  const copies = (count: number, forgery: Forgery, ...apps: Parameters<typeof send>[0][]) =>
    Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const app = apps[index % apps.length];
        if (app === undefined) throw new Error('no app');
        return (await send(app, forgery)).status;
      }),
    );
  const once = (statuses: number[]) => ({
    acted: statuses.filter((status) => status === 200).length,
    refused: statuses.filter((status) => status === 401).length,
  });
  const copied = () => ({ id: 'the-same', timestamp: secondsFromNow(0) });

  test('that arrive at once', async () => {
    const { app } = await open();
    expect(once(await copies(50, copied(), app))).toEqual({ acted: 1, refused: 49 });
  });

  test('also when the app was started anew, on the embedded database', async () => {
    const vars = { ...SIGNING_VARS, DATABASE_URL: 'sqlite:kept.db' };
    const placed = place({});
    const forgery = copied();
    const { app } = await openDoor({ vars }, placed);
    expect(once(await copies(5, forgery, app))).toEqual({ acted: 1, refused: 4 });
    await app.locals.close();
    const { app: again } = await openDoor({ vars }, placed);
    expect((await send(again, forgery)).status).toBe(401);
  });

  test.skipIf(lacksPostgres)('also across replicas, on PostgreSQL', async () => {
    await using postgres = await startedPostgres();
    const vars = { ...SIGNING_VARS, DATABASE_URL: postgres.url };
    const replicas = await Promise.all([1, 2, 3].map(async () => (await openDoor({ vars })).app));
    expect(once(await copies(50, copied(), ...replicas))).toEqual({ acted: 1, refused: 49 });
  });

  test('a database that is away lets nothing pass: 503', async () => {
    const { app } = await open();
    await app.locals.database.query(sql`DROP TABLE signed_requests`);
    expect((await send(app)).status).toBe(503);
    expect(app.locals.flags.isOn(FLAG)).toBe(false);
  });

  test('ids are forgotten once their timestamps are too old', async () => {
    const { app } = await open();
    await send(app);
    await app.locals.database.query(
      sql`UPDATE signed_requests SET expires_at = ${Date.now() - 300_001}`,
    );
    await wait(2);
    await send(app);
    const kept = await app.locals.database.query(sql`SELECT id FROM signed_requests`);
    expect(kept).toHaveLength(1);
  });
});

async function startedPostgres() {
  const server = await startPostgres();
  const { url } = await server.createDatabase();
  return { url, [Symbol.asyncDispose]: () => server.remove() };
}
