import { readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { StoreAwayError } from '../../src/config/store-away.ts';
import { runFlags } from '../../src/flags/commands.ts';
import { makeApp, PRODUCTION_VARS, temporaryFolder } from '../support/app.ts';
import { type ProcessWorld, runCli, startServer } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { startUnleashServer, toggle } from '../support/unleash.ts';

const FLAG = 'FEATURE_SIGNUP_V2';

function sharing(
  vars: Record<string, string> = {},
): ProcessWorld & { vars: Record<string, string> } {
  const database = `sqlite:${temporaryFolder()}/flags.db`;
  return { env: 'development', vars: { DATABASE_URL: database, ...vars } };
}

test('flags lists every flag with its origin, owner, age, end and uses', async () => {
  const { stdout, code } = await runCli(['flags'], sharing({ FEATURE_SIGNUP_V2: 'true' }));
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^FEATURE_SIGNUP_V2=true {2}# env FEATURE_SIGNUP_V2; release of accounts, \d+ days old, expires \d{4}-\d\d-\d\d; src\/\S+:\d+/m,
  );
  const listed = await runCli(['flags', '--json'], sharing());
  expect(JSON.parse(listed.stdout)).toContainEqual(
    expect.objectContaining({ name: FLAG, value: false, kind: 'release', uses: expect.any(Array) }),
  );
});

test('flags shows what a vendor decides', async () => {
  const { vars } = await startUnleashServer(toggle(FLAG, true));
  const { code, stdout } = await runCli(['flags'], sharing(vars));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^FEATURE_SIGNUP_V2=true {2}# unleash; /m);
});

test('what an override hides, and what comes again after it, is what the vendor says', async () => {
  const { vars } = await startUnleashServer(toggle(FLAG, true));
  const world = sharing({ ...vars, FEATURE_SIGNUP_V2: 'false' });
  const set = await runCli(['flags', 'set', FLAG, 'false'], world);
  expect(set).toMatchObject({ code: 0, stdout: expect.stringContaining('hides true of unleash.') });
  const unset = await runCli(['flags', 'unset', FLAG], world);
  expect(unset).toMatchObject({ code: 0, stdout: `${FLAG} is true again (unleash)\n` });
  const { stdout } = await runCli(['audit', 'tail', '--json'], world);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).detail),
  ).toEqual([
    { before: true, after: false },
    { before: false, after: true },
  ]);
});

test('flags says that a vendor does not answer, and shows what is configured', async () => {
  const UNLEASH_URL = `http://127.0.0.1:${await freePort()}`;
  const vars = { FLAGS_VENDOR: 'unleash', UNLEASH_URL, UNLEASH_TOKEN: 'token of the test' };
  const { code, stdout, stderr } = await runCli(['flags'], sharing(vars));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^FEATURE_SIGNUP_V2=false/m);
  expect(stderr).toMatch(/warning: unleash: /);
  expect(stderr).not.toContain('token of the test');
});

test('set and unset reach a running app, and the boot line, explain and flags tell of it', async () => {
  const world = sharing({ FEATURE_SIGNUP_V2: 'false' });
  const app = await makeApp(world);
  const set = await runCli(
    ['flags', 'set', FLAG, '{"rollout":100}', '--reason', 'a try', '--ttl', '600'],
    world,
  );
  const notice =
    /FEATURE_SIGNUP_V2 is overridden with {"rollout":100} by \S+ \(shell\) since \S+, until \S+ \(a try\): that hides false of env FEATURE_SIGNUP_V2\. To take it back: npm run flags -- unset FEATURE_SIGNUP_V2/;
  expect(set).toMatchObject({ code: 0, stdout: expect.stringMatching(notice) });
  await expect.poll(() => app.locals.flags.isOn(FLAG, 'ada'), { timeout: 5_000 }).toBe(true);

  expect((await runCli(['explain', FLAG], world)).stderr).toMatch(notice);
  expect((await runCli(['flags'], world)).stderr).toMatch(notice);
  const server = startServer({ ...world, vars: { ...world.vars, LOG_LEVEL: 'info' } });
  await server.url();
  expect(JSON.parse(server.stdout.split('\n')[0] ?? '')).toMatchObject({
    level: 'warn',
    msg: expect.stringMatching(notice),
  });

  const unset = await runCli(['flags', 'unset', FLAG], world);
  expect(unset).toMatchObject({ code: 0, stdout: `${FLAG} is false again (env ${FLAG})\n` });
  await expect.poll(() => app.locals.flags.isOn(FLAG, 'ada'), { timeout: 5_000 }).toBe(false);
  expect(unset.stderr).toMatch(/^\{"level":"info",.*"audit":\{"sequence":2,"hash":"\w+"\}\}$/m);
  const trail = await runCli(['audit', 'tail', '--json'], world);
  const after = { rollout: 100 };
  expect(
    trail.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { action: 'flag.set', detail: { before: false, after, reason: 'a try', ttlSeconds: 600 } },
    { action: 'flag.unset', outcome: 'done', detail: { before: after, after: false } },
  ]);
});

test('a change that fails leaves a second entry that says so', async () => {
  const { config, flags } = (await makeApp({ vars: { FLAGS_STORE: 'database' } })).locals;
  const record = vi.fn(async () => undefined);
  const set = () => Promise.reject(new StoreAwayError('away'));
  const change = runFlags(
    ['set', FLAG, 'true'],
    {},
    {
      load: async () => ({ config: () => config }),
      withFlags: (_config, work) => work({ ...flags, set }, { record }),
      ...{ data: () => undefined, note: () => undefined, terminal: undefined },
    },
  );
  await expect(change).rejects.toThrow('was not changed');
  const entry = { action: 'flag.set', target: FLAG, detail: { before: false, after: true } };
  expect(record.mock.calls).toMatchObject([
    [{ ...entry, outcome: 'done' }],
    [{ ...entry, outcome: 'failed' }],
  ]);
});

test.each([
  ['an unknown name', ['set', 'FEATURE_SIGNUP_V3', 'true'], /did you mean FEATURE_SIGNUP_V2/],
  [
    'a wrong value',
    ['set', FLAG, '{"rollout":101}'],
    /2 expects true, false.* allow, deny, salt$/m,
  ],
  ['text that is no JSON', ['set', FLAG, 'hunter2'], /is not valid JSON: expects true, false/],
  [
    'a wrong end',
    ['set', FLAG, 'true', '--ttl', 'soon'],
    /--ttl expects a whole number of seconds/,
  ],
  ['an end beyond all dates', ['set', FLAG, 'true', '--ttl', '1e13'], /--ttl expects .* to a year/],
  [
    'a reason that is too long',
    ['set', FLAG, 'true', '--reason', 'x'.repeat(501)],
    /--reason expects at most 500 characters/,
  ],
  ['a missing value', ['set', FLAG], /takes nothing, set NAME VALUE, or unset NAME/],
  ['an unknown verb', ['toggle', FLAG], /takes nothing, set NAME VALUE, or unset NAME/],
])('%s is refused in one sentence', async (_what, words, sentence) => {
  const { code, stdout, stderr } = await runCli(['flags', ...words], sharing());
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toContain('hunter2');
});

test('production wants a reason, and overrides in memory cannot be reached', async () => {
  const production = { env: 'production', vars: { ...PRODUCTION_VARS } };
  for (const blank of [[], ['--reason', ' ']]) {
    const silent = await runCli(['flags', 'set', FLAG, 'true', ...blank], production);
    expect(silent).toMatchObject({ code: 1, stderr: expect.stringContaining('--reason') });
  }
  const memory = await runCli(['flags', 'unset', FLAG], sharing({ FLAGS_STORE: 'memory' }));
  expect(memory).toMatchObject({ code: 1, stderr: expect.stringContaining('is memory') });
});

test('whoever only looks makes no database and no tables', async () => {
  const folder = temporaryFolder();
  const world = { env: 'development', vars: { DATABASE_URL: `sqlite:${folder}/flags.db` } };
  const looks = [['flags'], ['explain', FLAG], ['audit', 'tail'], ['audit', 'verify']];
  const ended = await Promise.all(looks.map((words) => runCli(words, world)));
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(ended[3]?.stdout).toBe('There are no entries.\n');
  expect(readdirSync(folder)).toEqual([]);
});

test('explain answers without the database, and says what it does not know', async () => {
  const vars = { DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${await freePort()}/x` };
  const { code, stdout, stderr } = await runCli(['explain', FLAG], { env: 'development', vars });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('false') });
  expect(stderr).toMatch(/warning: whether an override hides this is not known\. The database/);
  expect(stderr).not.toContain('hunter2');
});

test('flags --check needs no configuration and no database', async () => {
  const { code, stdout } = await runCli(['flags', '--check'], { env: 'production' });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});
