import request from 'supertest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { ADMIN, OPERATORS, openDoor } from '../ops/door.ts';
import { startServer } from '../support/process.ts';
import { lacksRedis, startRedis } from '../support/redis.ts';

const LIMIT = { WINDOW_SECONDS: 60, MAX: 3, LOGIN: { WINDOW_SECONDS: 60, MAX: 2 } };
const limited = (vars: Record<string, string> = {}) =>
  openDoor({ vars: { APP_RATE_LIMIT: JSON.stringify(LIMIT), ...vars } });

/** How many intervals are under way, of those that begin from now on. */
function watchIntervals(): () => number {
  const begun = vi.spyOn(globalThis, 'setInterval');
  const ended = vi.spyOn(globalThis, 'clearInterval');
  onTestFinished(() => void vi.restoreAllMocks());
  return () => {
    const over = new Set(ended.mock.calls.map(([timer]) => timer));
    return begun.mock.results.filter(({ value }) => !over.has(value)).length;
  };
}

/** The statuses of requests that say to come from these addresses. */
async function statuses(app: App | string, addresses: readonly string[]): Promise<number[]> {
  const seen: number[] = [];
  for (const address of addresses) {
    const asked = request(app).get('/ops/config').set('X-Forwarded-For', address);
    seen.push((await asked).status);
  }
  return seen;
}

test('the request after MAX in a window is refused, and told when to come back', async () => {
  const { app } = await limited();
  expect(await statuses(app, ['', '', ''])).toEqual([401, 401, 401]);
  const response = await request(app).get('/ops/config');
  expect(response.status).toBe(429);
  expect(response.type).toBe('application/problem+json');
  expect(response.body).toEqual({
    type: 'about:blank',
    title: 'Too Many Requests',
    status: 429,
    requestId: response.headers['x-request-id'],
  });
  expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(response.headers['retry-after'])).toBeLessThanOrEqual(60);
  const { text } = await request(app).get('/ops/login').set('Accept', 'text/html').expect(429);
  expect(text).toMatch(/Your network asks more often than is allowed. Try again in \d+ s\./);
});

test('the next window is a new one', async () => {
  const { app } = await limited({ APP_RATE_LIMIT__WINDOW_SECONDS: '1' });
  expect(await statuses(app, ['', '', '', ''])).toEqual([401, 401, 401, 429]);
  await vi.waitFor(async () => expect(await statuses(app, [''])).toEqual([401]), 5000);
});

test('a reload of the limit forgets nobody and adds no timer; the app takes its timers along', async () => {
  const { app, reload } = await limited();
  const timers = watchIntervals();
  expect(await statuses(app, ['', '', '', ''])).toEqual([401, 401, 401, 429]);
  const before = timers();
  for (const MAX of [2, 3, 4]) await reload({ APP_RATE_LIMIT__MAX: `${MAX}` });
  expect(await statuses(app, [''])).toEqual([429]);
  expect(timers()).toBe(before);
  await app.locals.close();
  expect(timers()).toBeLessThanOrEqual(before - 3);
});

test('a reload that makes the window shorter frees whoever waits for the end of a longer one', async () => {
  const { app, reload } = await limited({ APP_RATE_LIMIT__WINDOW_SECONDS: '3600' });
  expect(await statuses(app, ['', '', '', ''])).toEqual([401, 401, 401, 429]);
  await reload({ APP_RATE_LIMIT__WINDOW_SECONDS: '60' });
  expect(await statuses(app, ['', '', '', ''])).toEqual([401, 401, 401, 429]);
});

test('what needs no limit has none', async () => {
  const { app } = await limited();
  for (let asked = 0; asked < 10; asked += 1) {
    for (const path of ['/', '/livez', '/readyz', '/api/greetings?name=Ada']) {
      expect((await request(app).get(path)).status).toBe(200);
    }
  }
});

describe('an address', () => {
  test('is the connection itself without proxies: nobody picks another one', async () => {
    const { app } = await limited();
    const invented = Array.from({ length: 60 }, (_, index) => `192.0.2.${index}`);
    expect((await statuses(app, invented)).filter((status) => status !== 429)).toHaveLength(3);
  });

  test.each([
    ['1', ['203.0.113.1, 192.0.2.1', '203.0.113.2, 192.0.2.1', 'x, y, 192.0.2.1']],
    ['2', ['6.6.6.1, 192.0.2.1, 10.0.0.1', '6.6.6.2, 192.0.2.1, 10.0.0.2', '192.0.2.1, 10.0.0.3']],
  ])('is what %s trusted proxies say, whatever stands before it', async (hops, addresses) => {
    const { app } = await limited({ TRUST_PROXY_HOPS: hops });
    expect(await statuses(app, addresses)).toEqual([401, 401, 401]);
    expect(await statuses(app, addresses)).toEqual([429, 429, 429]);
    expect(await statuses(app, ['192.0.2.2, 10.0.0.1'.slice(0, hops === '1' ? 9 : 99)])).toEqual([
      401,
    ]);
  });

  test.each([
    [
      'of IPv6 counts by its /56',
      ['2001:db8:0:1200::1', '2001:db8:0:12ff::2', '2001:DB8:0:1234:5:6:7:8'],
      '2001:db8:0:1300::1',
    ],
    ['of IPv4 counts alone', ['192.0.2.1', '192.0.2.1', '192.0.2.1'], '192.0.2.2'],
    [
      'of IPv4 in the form of IPv6 counts alone',
      ['::ffff:192.0.2.1', '::ffff:c000:201', '::FFFF:192.0.2.1'],
      '::ffff:192.0.2.2',
    ],
  ])('%s', async (_name, same, other) => {
    const { app } = await limited({ TRUST_PROXY_HOPS: '1' });
    expect(await statuses(app, same)).toEqual([401, 401, 401]);
    expect(await statuses(app, [...same, other])).toEqual([429, 429, 429, 401]);
  });

  test.each(['garbage', '', '1.2.3.4:80', '[::1]', 'fe80::1%eth0', "' OR 1=1", '\u00e9'])(
    'that is none, %j, fails nobody',
    async (address) => {
      const { app } = await limited({ TRUST_PROXY_HOPS: '1' });
      expect(await statuses(app, [address])).toEqual([401]);
    },
  );
});

describe.skipIf(lacksRedis)('with SESSION_STORE=redis', () => {
  test('two processes count together, requests and failed logins', async () => {
    const redis = await startRedis();
    const vars = {
      APP_RATE_LIMIT: JSON.stringify({ ...LIMIT, MAX: 8 }),
      OPS_USERS: JSON.stringify(OPERATORS),
      SESSION_STORE: 'redis',
      REDIS_URL: redis.url,
      LOG_LEVEL: 'info',
    };
    const urls = await Promise.all(
      [1, 2].map(async () =>
        (await startServer({ env: 'testing', vars }).url()).replace(/\/$/, ''),
      ),
    );
    const [one = '', two = ''] = urls;
    const guess = async (url: string) =>
      (
        await request(url)
          .post('/ops/login')
          .send({ ...ADMIN, password: 'wrong' })
      ).status;
    expect([await guess(one), await guess(two), await guess(one), await guess(two)]).toEqual([
      401, 401, 429, 429,
    ]);
    const asked = [await statuses(one, ['', '']), await statuses(two, ['', '', ''])].flat();
    expect(asked).toEqual([401, 401, 401, 401, 429]);
  });
});
