import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeApp } from '../support/app.ts';
import { lacksRedis, type RedisServer, startRedis } from '../support/redis.ts';

describe.skipIf(lacksRedis)('a Redis that cannot be used', () => {
  let redis: RedisServer;
  const mute = createServer();
  beforeAll(() => once(mute.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => void mute.close());
  beforeEach(async () => {
    redis = await startRedis();
  });

  const at = (userInfo: string) => `redis://${userInfo}127.0.0.1:${redis.port}/0`;
  test.each([
    ['a wrong password', () => at(':pw-wrong@')],
    ['no password', () => at('')],
    ['an unknown user', () => at('eve:pw-eve@')],
    ['no server there', () => 'redis://:pw-none@127.0.0.1:1/0'],
    ['a server that is mute', () => `redis://127.0.0.1:${(mute.address() as AddressInfo).port}`],
    ['an unknown host', () => 'redis://:pw-host@redis.invalid/0'],
  ])('%s is one sentence with the masked URL', async (_name, url) => {
    const vars = { SESSION_STORE: 'redis', REDIS_URL: url() };
    const refusal: unknown = await makeApp({ vars }).catch((error: unknown) => error);
    const masked = url().replace(/\/\/.*@/, '//***@');
    expect(String(refusal).split('\n')).toEqual([
      'ConfigError: Redis cannot be used:',
      '',
      `  REDIS_URL ${masked} does not answer, or refuses the password`,
      '    from:  env REDIS_URL',
      '    do:    start Redis, or correct the address or the password',
    ]);
    expect(String((refusal as Error).stack)).not.toContain('pw-');
    expect((refusal as Error).cause).toBeUndefined();
  });
});
