import { describe, expect, test } from 'vitest';
import { running } from './make-config.ts';

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
        isNews: true,
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
