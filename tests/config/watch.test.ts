import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { describe, expect, test, vi } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { makeApp, place, placeFiles, temporaryFolder, type World } from '../support/app.ts';

const SOON = { timeout: 5_000, interval: 20 };

/** Write a new version of a mounted secret as the kubelet does: all links turn at once. */
function mount(folder: string, version: number, files: Record<string, string>): void {
  const data = `..2026_11_25.${version}`;
  mkdirSync(join(folder, data));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, data, name), text);
  symlinkSync(data, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  if (version > 1) rmSync(join(folder, `..2026_11_25.${version - 1}`), { recursive: true });
  else for (const name of Object.keys(files)) symlinkSync(`..data/${name}`, join(folder, name));
}

/** Wait until the app's own configuration says so. */
function becomes(app: App, read: (app: App) => unknown, value: unknown): Promise<void> {
  return vi.waitFor(() => expect(read(app)).toBe(value), SOON);
}
const name = ({ locals }: App) => locals.config.get('APP_NAME');
const secret = ({ locals }: App) => locals.config.get('SECRET_KEY').reveal();

describe('a mounted Kubernetes secret', () => {
  test('is followed through one swap of ..data after the other', async () => {
    const secretsDir = temporaryFolder();
    mount(secretsDir, 1, { secret_key: 'version 1', app_name: 'Shop 1' });
    const app = await makeApp({}, { instanceDir: placeFiles(), secretsDir });
    for (const version of [2, 3, 4, 5]) {
      mount(secretsDir, version, { secret_key: `version ${version}`, app_name: `Shop ${version}` });
      await becomes(app, secret, `version ${version}`);
      expect([name(app), app.locals.config.version]).toEqual([`Shop ${version}`, version]);
    }
    expect(app.locals.config.lastReload()).toMatchObject({ ok: true, by: 'changed file' });
  });

  test('that a KEY_FILE names is followed, too', async () => {
    const folder = temporaryFolder();
    mount(folder, 1, { token: 'version 1' });
    const app = await makeApp({ vars: { SECRET_KEY_FILE: join(folder, 'token') } });
    for (const version of [2, 3, 4]) {
      mount(folder, version, { token: `version ${version}` });
      await becomes(app, secret, `version ${version}`);
    }
  });
});

describe('files', () => {
  test.each([
    ['config.ts', 'export default { APP_NAME: "Shop" };'],
    ['config.toml', '[default]\nAPP_NAME = "Shop"'],
  ])('instance/%s counts when it is written, replaced and taken away', async (file, text) => {
    const { app, instanceDir } = await setUp();
    const path = join(instanceDir, file);
    writeFileSync(path, text);
    await becomes(app, name, 'Shop');
    writeFileSync(`${path}.new`, text.replace('Shop', 'Other'));
    renameSync(`${path}.new`, path);
    await becomes(app, name, 'Other');
    rmSync(path);
    await becomes(app, name, 'Strata');
    expect(app.locals.config.version).toBe(4);
  });

  test('a secret file counts when it is written, changed and taken away', async () => {
    const { app, secretsDir } = await setUp();
    const path = join(secretsDir, 'secret_key');
    writeFileSync(path, 'one');
    await becomes(app, secret, 'one');
    writeFileSync(path, 'two');
    await becomes(app, secret, 'two');
    rmSync(path);
    await becomes(app, secret, 'dev-insecure-key');
  });

  test('another folder of secret files is read at once, and followed from then on', async () => {
    const [secretsDir, other] = [placeFiles(), placeFiles({ secret_key: 'there' })];
    const naming = (folder: string) => `export default { SECRETS_DIR: ${JSON.stringify(folder)} };`;
    const instanceDir = placeFiles({ 'config.ts': naming(secretsDir) });
    await using app = await createApp('testing', { processEnv: {}, instanceDir });
    writeFileSync(join(instanceDir, 'config.ts'), naming(other));
    await becomes(app, secret, 'there');
    expect(app.locals.config.pending()).toEqual([]);
    writeFileSync(join(secretsDir, 'secret_key'), 'nobody looks here');
    writeFileSync(join(other, 'secret_key'), 'there, later');
    await becomes(app, secret, 'there, later');
  });

  test('that were refused because a store is away are taken later', async () => {
    const { app, instanceDir, secretsDir } = await setUp({ secrets: { app_name: 'Shop' } });
    const reports: boolean[] = [];
    app.locals.config.onReload(({ ok }) => reports.push(ok));
    const store = 'VAULT_ADDR = "http://127.0.0.1:9"\nVAULT_PATH = "secret/a"\nVAULT_TOKEN = "x"';
    const text = `[default]\n${store}\nVAULT_REQUIRED = true`;
    writeFileSync(join(instanceDir, 'config.toml'), text);
    for (const refusals of [1, 2]) {
      await vi.waitFor(() => expect(reports).toEqual(Array(refusals).fill(false)), SOON);
      // No change, but a reason to look.
      writeFileSync(join(secretsDir, 'app_name'), 'Shop');
    }
  });

  test('are not followed any more by an app that is closed during a reload', async () => {
    const [here, there] = [placeFiles(), placeFiles()];
    const naming = (folder: string) => `export default { SECRETS_DIR: ${JSON.stringify(folder)} };`;
    const instanceDir = placeFiles({ 'config.ts': naming(here) });
    const { config, close } = (await createApp('testing', { processEnv: {}, instanceDir })).locals;
    const reports: string[] = [];
    config.onReload(({ by }) => reports.push(by));
    writeFileSync(join(instanceDir, 'config.ts'), naming(there));
    const closing: Promise<void>[] = [];
    await config.reload({ by: 'the last', confirm: () => closing.push(close()) });
    await Promise.all(closing);
    expect(config.get('SECRETS_DIR')).toBe(there);
    writeFileSync(join(there, 'secret_key'), 'nobody looks here');
    // Longer than a watcher takes to see a change.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(reports).toEqual(['the last']);
  });

  test('one bad key among ten changes nothing, and the next good version applies', async () => {
    const { app, instanceDir } = await setUp();
    const { config } = app.locals;
    const before = config.snapshot;
    const write = (max: unknown) => {
      const good = { APP_NAME: 'Shop', CSP: 'x', HSTS_MAX_AGE: 1, LOG_LEVEL: 'fatal' };
      const more = { MAX_CONTENT_LENGTH: 9, SESSION_TTL_SECONDS: 9, OPS_NETWORKS: ['10.0.0.0/8'] };
      const rest = { SERVER_NAME: 'shop', FEATURE_SIGNUP_V2: true, RATE_LIMIT: { MAX: max } };
      const text = `export default ${JSON.stringify({ ...good, ...more, ...rest })};`;
      writeFileSync(join(instanceDir, 'config.ts'), text);
    };
    write('five');
    await vi.waitFor(() => expect(config.lastReload()?.ok).toBe(false), SOON);
    expect([config.snapshot, config.version]).toEqual([before, 1]);
    write(5);
    await becomes(app, name, 'Shop');
    expect([config.version, config.get('RATE_LIMIT').MAX, config.get('CSP')]).toEqual([2, 5, 'x']);
    expect(app.locals.flags.isOn('FEATURE_SIGNUP_V2')).toBe(true);
  });

  test('a file that changes while the app starts is read again', async () => {
    const placed = place({});
    const path = join(placed.instanceDir, 'config.ts');
    const next = JSON.stringify('export default { APP_NAME: "Shop" };');
    const write = `writeFileSync(${JSON.stringify(path)}, ${next});`;
    // The clock that files are stamped with moves in steps of up to 10 ms.
    const later = 'for (const start = Date.now(); Date.now() < start + 20; );';
    const lines = ["import { writeFileSync } from 'node:fs';", later, write, 'export default {};'];
    writeFileSync(path, lines.join('\n'));
    const app = await makeApp({}, placed);
    await becomes(app, name, 'Shop');
  });

  test('a file that is touched, or is none of ours, causes no reload', async () => {
    const { app, instanceDir, secretsDir } = await setUp({ secrets: { secret_key: 'one' } });
    writeFileSync(join(instanceDir, 'dev.db-wal'), 'x');
    writeFileSync(join(secretsDir, 'secret_key'), 'one');
    writeFileSync(join(secretsDir, '.hidden'), 'x');
    // What comes after these has been seen when the watcher has seen them.
    writeFileSync(join(secretsDir, 'app_name'), 'Shop');
    await becomes(app, name, 'Shop');
    expect(app.locals.config.lastReload()?.changed).toEqual(['APP_NAME']);
    expect(app.locals.config.version).toBe(2);
  });

  test('after close() nothing is watched any more', async () => {
    const { app, secretsDir } = await setUp();
    const { config, close } = app.locals;
    await close();
    writeFileSync(join(secretsDir, 'app_name'), 'Shop');
    const other = await makeApp({}, { instanceDir: placeFiles(), secretsDir });
    writeFileSync(join(secretsDir, 'app_name'), 'Other');
    await becomes(other, name, 'Other');
    expect([config.get('APP_NAME'), config.lastReload()]).toEqual(['Strata', undefined]);
  });
});

test('a changed file shows in the headers of the next answers', async () => {
  const { app, secretsDir } = await setUp();
  writeFileSync(join(secretsDir, 'csp'), "default-src 'none'");
  await vi.waitFor(async () => {
    const { headers } = await request(app).get('/livez');
    expect(headers['content-security-policy']).toBe("default-src 'none'");
  }, SOON);
});

async function setUp(world: World = {}) {
  const placed = place(world);
  return { app: await makeApp(world, placed), ...placed };
}
