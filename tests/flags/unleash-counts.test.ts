import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeApp } from '../support/app.ts';
import { gradual, startUnleashServer, toggle, type UnleashServer } from '../support/unleash.ts';

const FLAG = 'FEATURE_SIGNUP_V2';

describe('each minute Unleash hears', () => {
  const METRICS = '/api/client/metrics';
  const variants = [{ name: 'blue', weight: 1000, weightType: 'variable', stickiness: 'default' }];

  async function minuteByMinute(server: UnleashServer) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { flags } = (await makeApp({ vars: server.vars })).locals;
    const told = async (status: number) => {
      await vi.advanceTimersByTimeAsync(60_000);
      return vi.waitFor(() => {
        const said = server.heard.filter(({ path }) => path === METRICS).at(-1);
        expect(said?.status).toBe(status);
        return said?.body;
      });
    };
    return { flags, told };
  }

  test('of every use once, and of no look', async () => {
    const server = await startUnleashServer({ ...gradual(FLAG, 100), variants });
    const { flags, told } = await minuteByMinute(server);
    flags.list();
    flags.explain(FLAG, 'ada');
    expect(flags.isOn(FLAG, 'ada')).toBe(true);
    expect(flags.variant(FLAG, 'ada')).toBe('blue');
    expect(await flags.evaluate(FLAG, 'ada')).toMatchObject({ on: true, variant: 'blue' });
    expect(await told(202)).toMatchObject({
      bucket: { toggles: { [FLAG]: { yes: 3, no: 0, variants: { blue: 2 } } } },
    });
  });

  test('what it refused before, once the token is put right', async () => {
    const server = await startUnleashServer(toggle(FLAG, true));
    const { flags, told } = await minuteByMinute(server);
    flags.isOn(FLAG);
    server.failWith = 401;
    await told(401);
    server.failWith = undefined;
    flags.isOn(FLAG);
    // It waits longer after a failure.
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await told(202)).toMatchObject({ bucket: { toggles: { [FLAG]: { yes: 2, no: 0 } } } });
  });
});
