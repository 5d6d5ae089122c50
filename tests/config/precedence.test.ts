import { expect, test } from 'vitest';
import { makeApp, place } from '../support/app.ts';

test('class, config.toml, config.ts, secret file, SECRET_KEY, APP_SECRET_KEY and override win in that order', async () => {
  const steps = [
    { instance: { 'config.toml': '[default]\nSECRET_KEY = "from toml"' } },
    { instance: { 'config.ts': 'export default { SECRET_KEY: "from config.ts" };' } },
    { secrets: { secret_key: 'from a secret file' } },
    { vars: { SECRET_KEY: 'from SECRET_KEY' } },
    { vars: { APP_SECRET_KEY: 'from APP_SECRET_KEY' } },
    { overrides: { SECRET_KEY: 'from an override' } },
  ];
  const seen: string[] = [];
  for (let count = 0; count <= steps.length; count += 1) {
    const world = steps.slice(0, count).reduce(
      (sum, step) => ({
        instance: { ...sum.instance, ...step.instance },
        secrets: { ...sum.secrets, ...step.secrets },
        vars: { ...sum.vars, ...step.vars },
        overrides: { ...sum.overrides, ...step.overrides },
      }),
      {} as Record<'instance' | 'secrets' | 'vars' | 'overrides', Record<string, string>>,
    );
    const app = await makeApp(world);
    seen.push(app.locals.config.get('SECRET_KEY').reveal());
  }
  expect(seen).toEqual([
    'dev-insecure-key',
    'from toml',
    'from config.ts',
    'from a secret file',
    'from SECRET_KEY',
    'from APP_SECRET_KEY',
    'from an override',
  ]);
});

test('explain tells every layer that has the key, the winner first, without a value', async () => {
  const world = {
    instance: {
      'config.toml': '[default]\nSECRET_KEY = "one"',
      'config.ts': 'export default { SECRET_KEY: "two" };',
    },
    secrets: { secret_key: 'three' },
    vars: { SECRET_KEY: 'four', APP_SECRET_KEY: 'five' },
    overrides: { SECRET_KEY: 'five' },
  };
  const placed = place(world);
  const { config } = (await makeApp(world, placed)).locals;
  const story = config.explain('SECRET_KEY');
  expect(story.map(({ layer, source, value }) => ({ layer, source, value }))).toEqual([
    { layer: 'override', source: 'override', value: '***' },
    { layer: 'app-env', source: 'env APP_SECRET_KEY', value: '***' },
    { layer: 'env', source: 'env SECRET_KEY', value: '***' },
    { layer: 'secret-files', source: `${placed.secretsDir}/secret_key`, value: '***' },
    { layer: 'instance', source: `${placed.instanceDir}/config.ts`, value: '***' },
    { layer: 'instance', source: `${placed.instanceDir}/config.toml`, value: '***' },
    { layer: 'class', source: 'TestingConfig', value: '***' },
  ]);
  const marks = story.map(({ fingerprint }) => fingerprint);
  expect(marks.every((mark) => /^[0-9a-f]{8}$/.test(mark ?? ''))).toBe(true);
  expect(marks[0]).toBe(marks[1]);
  expect(new Set(marks).size).toBe(6);
});
