import { describe, expect, test } from 'vitest';
import { running } from './make-config.ts';

describe('confirm', () => {
  test('is awaited with the result before anything changes', async () => {
    const { config, vars } = await running();
    vars['APP_NAME'] = 'Shop';
    const seen: unknown[] = [];
    const result = await config.reload({
      confirm: async (candidate) => {
        seen.push(candidate);
        await new Promise(setImmediate);
        seen.push(config.get('APP_NAME'), config.version);
      },
    });
    expect(seen).toEqual([result, 'Strata', 1]);
    expect([config.get('APP_NAME'), config.version]).toEqual(['Shop', 2]);
  });

  test('refuses the reload by throwing, and the next one applies the change', async () => {
    const { config, vars, reports } = await running();
    vars['APP_NAME'] = 'Shop';
    const before = config.snapshot;
    const refusal = new Error('nobody wrote it down');
    const confirm = () => Promise.reject(refusal);
    await expect(config.reload({ confirm, by: 'operator ada' })).rejects.toBe(refusal);
    expect([config.snapshot, config.version]).toEqual([before, 1]);
    expect(config.lastReload()).toMatchObject({ ok: false, by: 'operator ada', changed: [] });
    expect(reports).toMatchObject([{ ok: false, error: refusal }]);
    await config.reload();
    expect([config.get('APP_NAME'), config.version]).toEqual(['Shop', 2]);
  });

  test('is asked where nothing changes, too; not by a dry run, nor for an invalid candidate', async () => {
    const { config, vars } = await running();
    let asked = 0;
    await config.reload({ confirm: () => (asked += 1) });
    expect(asked).toBe(1);
    const confirm = () => expect.unreachable();
    vars['APP_NAME'] = 'Shop';
    await config.reload({ confirm, dryRun: true });
    vars['APP_RATE_LIMIT'] = '5';
    await expect(config.reload({ confirm })).rejects.toThrow('RATE_LIMIT');
  });
});

describe('confirmReloads', () => {
  async function confirmed() {
    const world = await running();
    const told: unknown[] = [];
    world.config.confirmReloads(({ changes }, by) => {
      told.push([by, ...changes.map(({ key }) => key)]);
    });
    return { ...world, told };
  }

  test('is asked for what is new, and once for what waits for a restart', async () => {
    const { config, vars, told } = await confirmed();
    await config.reload({ by: 'SIGHUP' });
    vars['PORT'] = '81';
    await config.reload({ by: 'changed file' });
    await config.reload({ by: 'SIGHUP' });
    vars['APP_NAME'] = 'Shop';
    await config.reload({ dryRun: true });
    await Promise.all([config.reload({ by: 'SIGHUP' }), config.reload()]);
    expect(told).toEqual([
      ['changed file', 'PORT'],
      ['SIGHUP, the app', 'APP_NAME', 'PORT'],
    ]);
  });

  test('is asked again where another value waits, and where that is taken back', async () => {
    const { config, vars, told } = await confirmed();
    for (const port of ['81', '82', '82']) {
      vars['PORT'] = port;
      await config.reload();
    }
    delete vars['PORT'];
    await config.reload();
    expect(told).toEqual([['the app', 'PORT'], ['the app', 'PORT'], ['the app']]);
  });

  test('is not asked where one who asks for the reload confirms it, for all of them', async () => {
    const { config, vars, told } = await confirmed();
    vars['APP_NAME'] = 'Shop';
    const ask = (by: string) =>
      config.reload({ by, confirm: (_result, all) => void told.push([by, all]) });
    await Promise.all([config.reload(), ask('operator ada'), ask('operator bob')]);
    expect(told).toEqual([['operator ada', 'the app, operator ada, operator bob']]);
  });

  test('sees the candidate, which is there for no longer', async () => {
    const { config, vars } = await running();
    vars['APP_NAME'] = 'Shop';
    config.confirmReloads(() => {
      expect([config.get('APP_NAME'), config.candidate?.APP_NAME]).toEqual(['Strata', 'Shop']);
      throw new Error('no');
    });
    await expect(config.reload()).rejects.toThrow('no');
    expect([config.get('APP_NAME'), config.candidate]).toEqual(['Strata', undefined]);
  });
});
