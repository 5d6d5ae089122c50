import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SourceStatus } from '../../src/config/model.ts';
import { pollStores } from '../../src/config/refresh/poll.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A store that is asked every `seconds`, and the pauses (s) between the times it was. */
function setUp(seconds: number, layer: SourceStatus['layer'] = 'vault') {
  const state: { seconds: number; status: SourceStatus['status'] } = { seconds, status: 'fresh' };
  const pauses: number[] = [];
  let changed = () => {};
  let last = Date.now();
  const config = {
    nextRefreshAt: undefined as number | undefined,
    get: () => state.seconds,
    sources: () => [
      { layer, source: 'a store', status: state.status, keys: 1, attempts: 1, loadedAt: 0 },
    ],
    onChange: (_keys: string[], listener: () => void) => {
      changed = listener;
      return () => {
        changed = () => {};
      };
    },
  };
  const end = pollStores(config, async () => {
    pauses.push((Date.now() - last) / 1000);
    last = Date.now();
  });
  return { state, pauses, config, end, change: () => changed() };
}

describe('a store', () => {
  test('is asked every SECRETS_REFRESH_SECONDS or a little sooner, never later', async () => {
    const { pauses } = setUp(300);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(pauses.length).toBeGreaterThanOrEqual(12);
    for (const pause of pauses) {
      expect(pause).toBeGreaterThanOrEqual(240);
      expect(pause).toBeLessThanOrEqual(300);
    }
    expect(new Set(pauses).size).toBeGreaterThan(1);
  });

  test.each([
    [2, [2, 4, 8, 16, 32, 60, 60]],
    [45, [45, 90, 180, 180]],
    [300, [300, 600, 1200, 1200]],
    [604_800, [604_800, 1_209_600, 2_147_483.647, 2_147_483.647]],
  ])('that is away is asked less often, every %i s at first: %j', async (seconds, expected) => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { state, pauses } = setUp(seconds);
    state.status = 'stale';
    const total = expected.reduce((sum, pause) => sum + pause, 0);
    await vi.advanceTimersByTimeAsync(total * 1000);
    expect(pauses).toEqual(expected);
    state.status = 'fresh';
    const longest = expected.at(-1) ?? 0;
    await vi.advanceTimersByTimeAsync((longest + seconds) * 1000);
    expect(pauses.slice(expected.length)).toEqual([longest, seconds]);
  });

  test.each([2, 45, 300, 3600])(
    'that is away is asked less often on the whole, every %i s at first',
    async (seconds) => {
      const asked = async (status: SourceStatus['status']) => {
        const { state, pauses, end } = setUp(seconds);
        state.status = status;
        await vi.advanceTimersByTimeAsync(seconds * 200_000);
        end();
        return pauses.length;
      };
      expect(await asked('stale')).toBeLessThan((await asked('fresh')) / 2);
    },
  );

  test('that is away is asked at a time that differs from replica to replica', async () => {
    const next = [0, 0.5, 1].map((random) => {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      const { config, end } = setUp(100);
      const pause = (config.nextRefreshAt ?? 0) - Date.now();
      end();
      return pause;
    });
    expect(next).toEqual([80_000, 90_000, 100_000]);
  });

  test('tells when it is asked next, and does not once that is over', () => {
    const { config, end } = setUp(10);
    expect(config.nextRefreshAt).toBeGreaterThan(Date.now());
    end();
    expect(config.nextRefreshAt).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is not asked while SECRETS_REFRESH_SECONDS is 0, and again when it no longer is', async () => {
    const { state, pauses, change } = setUp(0);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(pauses).toEqual([]);
    state.seconds = 10;
    change();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(pauses).toHaveLength(1);
    state.seconds = 0;
    change();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(pauses).toHaveLength(1);
  });
});

test.each([
  ['off', 'vault'],
  ['fresh', 'secret-files'],
] as const)('what is %s in %s costs no reload', async (status, layer) => {
  const { state, pauses } = setUp(10, layer);
  state.status = status;
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(pauses).toEqual([]);
});
