import { describe, expect, test } from 'vitest';
import type { ReloadReport } from '../../src/config/reload.ts';
import { place, type World } from '../support/app.ts';
import { makeConfig } from './make-config.ts';

async function running(world: World = {}) {
  const vars: Record<string, string> = { ...world.vars };
  const config = await makeConfig({ ...world, vars }, place(world));
  const reports: ReloadReport[] = [];
  config.onReload((report) => reports.push(report));
  return { config, vars, reports };
}

describe('reloads that overlap', () => {
  test('ones that are asked for at once share one, and its report names them all', async () => {
    const { config, vars, reports } = await running();
    vars['APP_NAME'] = 'Shop';
    const [one, other] = await Promise.all([
      config.reload({ by: 'SIGHUP' }),
      config.reload({ by: 'operator ada' }),
    ]);
    expect(other).toBe(one);
    expect(reports).toEqual([
      {
        at: expect.any(Number),
        ok: true,
        by: 'SIGHUP, operator ada',
        changed: ['APP_NAME'],
        result: one,
      },
    ]);
  });

  test('one that is asked for while another reads sees what changed since', async () => {
    const { config, vars } = await running();
    vars['APP_NAME'] = 'read by the first';
    const first = config.reload({
      confirm: () => {
        vars['APP_NAME'] = 'changed while it was running';
        return second();
      },
    });
    let late: Promise<unknown> | undefined;
    const second = () => {
      late = config.reload();
    };
    await first;
    await late;
    expect([config.version, config.get('APP_NAME')]).toEqual([3, 'changed while it was running']);
  });
});

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

  test('is not asked by a dry run, nor where nothing changes, nor for an invalid candidate', async () => {
    const { config, vars } = await running();
    const confirm = () => expect.unreachable();
    await config.reload({ confirm });
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

  test('is not asked where whoever asks for the reload confirms it themselves', async () => {
    const { config, vars, told } = await confirmed();
    vars['APP_NAME'] = 'Shop';
    const confirm = () => told.push('themselves');
    await Promise.all([config.reload(), config.reload({ confirm })]);
    expect(told).toEqual(['themselves']);
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

describe('what a reload leaves behind', () => {
  test('lastReload tells when, how, by whom and what; a dry run leaves it as it was', async () => {
    const { config, vars } = await running();
    vars['APP_NAME'] = 'Shop';
    await config.reload({ dryRun: true });
    expect(config.lastReload()).toBeUndefined();
    const start = Date.now();
    vars['PORT'] = '81';
    await config.reload({ by: 'SIGHUP' });
    const { at = 0, ...last } = config.lastReload() ?? {};
    expect(at).toBeGreaterThanOrEqual(start);
    expect(last).toMatchObject({ ok: true, by: 'SIGHUP', changed: ['APP_NAME'] });
  });

  test('pending names what waits for a restart, until the value is taken back', async () => {
    const { config, vars } = await running();
    vars['PORT'] = '81';
    await config.reload({ dryRun: true });
    expect(config.pending()).toEqual([]);
    await config.reload();
    expect(config.pending()).toEqual(['PORT']);
    vars['APP_RATE_LIMIT'] = '5';
    await expect(config.reload()).rejects.toThrow('RATE_LIMIT');
    expect(config.pending()).toEqual(['PORT']);
    delete vars['APP_RATE_LIMIT'];
    delete vars['PORT'];
    await config.reload();
    expect(config.pending()).toEqual([]);
  });

  test('a follower that is asynchronous is waited for', async () => {
    const { config, vars } = await running();
    const heard: string[] = [];
    config.onChange(['APP_NAME'], async () => {
      await new Promise(setImmediate);
      heard.push(config.get('APP_NAME'));
    });
    vars['APP_NAME'] = 'Shop';
    await config.reload();
    expect(heard).toEqual(['Shop']);
  });

  test('a follower that fails is reported with what was changed all the same', async () => {
    const { config, vars, reports } = await running();
    config.onChange(['APP_NAME'], () => Promise.reject(new Error('on purpose')));
    vars['APP_NAME'] = 'Shop';
    await expect(config.reload()).rejects.toThrow(AggregateError);
    expect(reports).toMatchObject([{ ok: false, changed: ['APP_NAME'] }]);
    expect(config.get('APP_NAME')).toBe('Shop');
  });
});
