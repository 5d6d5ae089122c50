import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/app.ts';
import { startServer } from '../support/process.ts';
import { logIn, openDoor, VIEWER } from './door.ts';
import { facts, REFUSE, trailOf } from './trail.ts';

test('a reload that nobody asked for at the door is recorded with what changed, once', async () => {
  const { app, reload } = await openDoor({ vars: { SECRET_KEY: 'one-secret-of-tests' } });
  const viewer = await logIn(app, VIEWER);
  await reload({ APP_NAME: 'Shop', PORT: '81' });
  await reload({ SECRET_KEY_FALLBACKS: '["another-secret-of-tests"]' });
  await reload({});
  const entries = await trailOf(app, viewer, '&action=config.reload');
  const mark = expect.stringMatching(/^[0-9a-f]{8}$/);
  const told = { by: 'the app', restartRequired: ['PORT'] };
  expect(entries.map(({ actor, outcome, detail }) => [actor, outcome, detail])).toEqual([
    [null, 'done', { ...told, changed: ['APP_NAME', 'PORT'], fingerprints: {} }],
    [
      null,
      'done',
      {
        ...told,
        changed: ['PORT', 'SECRET_KEY_FALLBACKS'],
        fingerprints: { SECRET_KEY_FALLBACKS: [expect.anything(), mark] },
      },
    ],
  ]);
});

test('a reload that a part of the app does not follow is recorded as failed, too', async () => {
  const { app, reload } = await openDoor();
  app.locals.config.onChange(['APP_NAME'], () => Promise.reject(new Error('on purpose')));
  await expect(reload({ APP_NAME: 'Shop' })).rejects.toThrow('a configuration listener failed');
  const detail = { by: 'the app', changed: ['APP_NAME'], restartRequired: [], fingerprints: {} };
  await expect
    .poll(async () => (await trailOf(app, undefined, '&action=config.reload')).map(facts))
    .toEqual([
      [null, 'config.reload', 'done', detail],
      [null, 'config.reload', 'failed', detail],
    ]);
});

test('without room for an entry a file or a signal changes nothing; the file counts later', async () => {
  const DATABASE_URL = `sqlite:${temporaryFolder()}/signal.db`;
  const secretsDir = temporaryFolder();
  const vars = { DATABASE_URL, SECRETS_DIR: secretsDir };
  const server = startServer({ env: 'development', vars });
  const url = await server.url();
  const policy = async () => (await fetch(url)).headers.get('content-security-policy');
  const database = new DatabaseSync(DATABASE_URL.slice('sqlite:'.length));
  onTestFinished(() => database.close());
  database.exec(REFUSE);

  const before = await policy();
  writeFileSync(join(secretsDir, 'csp'), 'img-src new');
  await server.said(/"by":"changed file".*"msg":"reload refused/);
  server.process.kill('SIGHUP');
  await server.said(/"by":"SIGHUP".*"msg":"reload refused/);
  expect(await policy()).toBe(before);
  expect(server.stdout).not.toContain('"msg":"reloaded"');

  database.exec('DROP TRIGGER full');
  await server.said(/"msg":"reloaded"/);
  expect(await policy()).toBe('img-src new');
  expect(database.prepare('SELECT action, outcome, detail FROM audit').all()).toEqual([
    {
      action: 'config.reload',
      outcome: 'done',
      detail: expect.stringContaining('"by":"changed file","changed":["CSP"]'),
    },
  ]);
});
