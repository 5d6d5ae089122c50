import { describe, expect, test } from 'vitest';
import { loadWorld, PRODUCTION_VARS } from '../../support/app.ts';
import { AWS_FAULTS } from '../../support/aws.ts';
import type { Fault } from '../../support/faulty-server.ts';
import { makeConfig } from '../make-config.ts';
import { FAULTS, production, STORES } from './worlds.ts';

const QUICK = {
  SSM_TIMEOUT_MS: '800',
  SECRETS_MANAGER_TIMEOUT_MS: '800',
  VAULT_TIMEOUT_MS: '800',
};
const OPTIONAL = {
  SSM_REQUIRED: 'no',
  SECRETS_MANAGER_REQUIRED: 'no',
  VAULT_REQUIRED: 'no',
};

describe.each(Object.entries(STORES))('%s', (name, open) => {
  const faults = Object.entries(FAULTS[name] ?? {});

  test.each(faults)('%s ends the boot with one problem that names it', async (_, [fault, told]) => {
    const store = await open();
    store.server.failAlways(fault);
    const { problems, warnings, sources } = await loadWorld(production(store, QUICK));
    const [problem, ...missing] = problems;
    expect(problem).toMatchObject({ key: store.key });
    const said = `${problem?.reason}: ${problem?.remedy}`;
    expect(said).toContain(told);
    expect(said).toContain(store.server.url);
    expect(said).toContain(store.source.replace(/^\w+:/, ''));
    expect(missing.map(({ key, reason }) => [key, reason])).toEqual([
      ['SECRET_KEY', 'is not set'],
      ['DATABASE_URL', 'is not set'],
    ]);
    expect(warnings).toEqual([]);
    expect(sources).toContainEqual(
      expect.objectContaining({ source: store.source, status: 'failed', keys: 0 }),
    );
  });

  test.each(faults)('%s is a warning where the store is not required', async (_, [fault, told]) => {
    const store = await open();
    store.server.failAlways(fault);
    const vars = { ...QUICK, ...OPTIONAL, ...PRODUCTION_VARS };
    const { problems, warnings } = await loadWorld(production(store, vars));
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([{ key: store.key, unreachable: true }]);
    expect(`${warnings[0]?.reason}: ${warnings[0]?.remedy}`).toContain(told);
  });

  test.each(faults)('%s after boot keeps the last values, as stale', async (_, [fault, told]) => {
    const store = await open();
    const config = await makeConfig(production(store, QUICK));
    const [before] = config.sources().filter(({ source }) => source === store.source);
    const values = config.snapshot;
    store.server.failAlways(fault);
    expect(await config.reload()).toMatchObject({ version: 1, changes: [], restartRequired: [] });
    const [after] = config.sources().filter(({ source }) => source === store.source);
    expect(before).toMatchObject({ status: 'fresh', keys: 2, attempts: 1 });
    expect(after).toMatchObject({ status: 'stale', keys: 2, loadedAt: before?.loadedAt });
    expect(after?.attempts).toBeGreaterThan(1);
    expect(`${after?.reason} ${config.warnings()[0]?.remedy}`).toContain(told);
    expect(config.snapshot).toBe(values);
    store.server.failAlways(undefined);
    store.set('APP_NAME', 'Healed');
    await config.reload();
    expect(config.get('APP_NAME')).toBe('Healed');
    expect(config.sources()).toContainEqual(
      expect.objectContaining({ source: store.source, status: 'fresh', attempts: 1 }),
    );
    expect(config.warnings()).toEqual([]);
  });

  test('whose path changes while it is away keeps its values: the reload is refused', async () => {
    const store = await open();
    const vars = { ...production(store, { ...QUICK, ...OPTIONAL, ...PRODUCTION_VARS }).vars };
    const config = await makeConfig({ env: 'production', vars });
    const values = config.snapshot;
    vars[store.key] = store.key === 'SECRETS_MANAGER_ID' ? 'other' : '/other/prod';
    store.server.failAlways(AWS_FAULTS.page);
    await expect(config.reload()).rejects.toMatchObject({ problems: [{ key: store.key }] });
    expect(config.snapshot).toBe(values);
  });

  test('that joins by a reload while it is away is a warning, as at the start', async () => {
    const store = await open();
    const vars: Record<string, string> = { ...QUICK, ...OPTIONAL, ...PRODUCTION_VARS };
    const config = await makeConfig({ env: 'production', vars });
    Object.assign(vars, store.vars);
    store.server.failAlways(AWS_FAULTS.page);
    await config.reload();
    expect(config.warnings()).toMatchObject([{ key: store.key }]);
  });

  test.each([
    ['fails', AWS_FAULTS.page],
    ['resets', 'reset'],
  ] as [string, Fault][])('that %s twice is asked a third time', async (_, fault) => {
    const store = await open();
    store.server.failNext(fault, fault);
    const { problems, sources } = await loadWorld(production(store));
    expect(problems).toEqual([]);
    expect(sources).toContainEqual(
      expect.objectContaining({ source: store.source, status: 'fresh', attempts: 3 }),
    );
  });

  test('that is not there any more is told by its address and the error code', async () => {
    const store = await open();
    store.server.stop();
    const { problems, sources } = await loadWorld(production(store));
    expect(problems[0]).toMatchObject({ key: store.key, unreachable: true });
    expect(problems[0]?.reason).toContain('cannot be reached (ECONNREFUSED)');
    expect(sources).toContainEqual(
      expect.objectContaining({ source: store.source, status: 'failed', attempts: 4 }),
    );
  });

  test('that holds nothing ends the boot', async () => {
    const store = await open({});
    const { problems } = await loadWorld(production(store));
    expect(problems[0]).toMatchObject({ key: store.key, unreachable: true });
    expect(problems[0]?.reason).toContain('holds nothing there');
  });
});
