import { describe, expect, test, vi } from 'vitest';
import { ADMIN, logIn, openDoor, statusFor } from '../ops/door.ts';
import { lacksRedis, startRedis } from '../support/redis.ts';

describe.skipIf(lacksRedis)('with Redis', () => {
  test('sessions live there, and readiness tells when it is away', async () => {
    const redis = await startRedis();
    const { app } = await openDoor({ vars: { SESSION_STORE: 'redis', REDIS_URL: redis.url } });
    const pass = await logIn(app, ADMIN);
    expect(await statusFor(app, pass)).toBe(200);
    expect(await app.locals.readiness.isReady()).toBe(true);
    await redis.kill();
    await vi.waitFor(async () => expect(await app.locals.readiness.isReady()).toBe(false), 5_000);
  });
});
