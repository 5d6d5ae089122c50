import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { captureLog } from '../http/small-app.ts';
import { lacksPostgres, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { openChain } from './chain.ts';
import { logIn, openDoor, type Pass } from './door.ts';

const LONGEST = 512;
const HOSTILE: [what: string, text: string][] = [
  ['CR LF and a line of its own', 'ada\r\n{"audit":{"sequence":1}}\r\n'],
  ['terminal codes', '\u001b[2J\u001b]0;owned\u0007\u009b31m'],
  ['line and paragraph separators', 'one\u2028two\u2029three\u0085four'],
  ['text that turns around', '\u202egnp.exe\u2066'],
  ['NUL and half a pair', 'a\0b\ud800c\udfff'],
  ['64 KiB', 'x'.repeat(64 * 1024)],
  ['64 KiB that are cut inside a pair', `x${'\u{1f600}'.repeat(32 * 1024)}`],
  ['quotes and SQL', `'"); DROP TABLE audit; --`],
  ['markup', '<script>alert(1)</script>'],
];

const lines = async (app: App, pass: Pass) => {
  const { body } = await request(app).get('/ops/audit/export').set(pass).responseType('blob');
  return String(body).split('\n').slice(0, -1);
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe.each(HOSTILE)('%s', (_what, text) => {
  test('stays inside its field, and the field inside its line', async () => {
    const { app } = await openDoor({ overrides: { LOG_LEVEL: 'info' } });
    const log = captureLog(app.locals.log);
    const admin = await logIn(app);
    const path = encodeURIComponent(text.toWellFormed().slice(0, 1_500).toWellFormed());
    await request(app)
      .delete(`/ops/flags/${path}`)
      .set({ ...admin, Origin: 'https://evil.test' })
      .expect(403);
    // Longer than any name: refused, and not kept.
    const guess = { username: text, password: text };
    const status = text.length > 64 ? 422 : 401;
    await request(app).post('/ops/login').send(guess).expect(status);
    await request(app).post('/ops/login').type('form').send(guess).expect(status);
    // A reason is refused where it holds a NUL, which PostgreSQL does not keep.
    const reason = text.toWellFormed().replaceAll('\0', '').slice(0, 500);
    await request(app)
      .post('/ops/flags/FEATURE_SIGNUP_V2')
      .set(admin)
      .send({ value: true, reason })
      .expect(200);
    const all = await lines(app, admin);
    const entries = all.map((line) => JSON.parse(line));
    expect(entries.map(({ action }) => action)).toEqual([
      'login',
      'access',
      ...(status === 401 ? ['login', 'login'] : []),
      'flag.set',
      'audit.export',
    ]);
    const logged = log.raw.map((line) => line.trimEnd());
    expect([...all, ...logged].filter((line) => UNPRINTABLE.test(line))).toEqual([]);
    expect(logged.filter((line) => typeof JSON.parse(line).level !== 'string')).toEqual([]);
    expect(logged.length).toBeGreaterThan(3);
  });
});

const databases: [name: string, isMissing: boolean, url: () => Promise<string>][] = [
  ['SQLite', false, async () => 'sqlite::memory:'],
  ['PostgreSQL', lacksPostgres, async () => (await postgres.createDatabase()).url],
];
let postgres: PostgresServer;

describe.each(databases)('on %s', (name, isMissing, url) => {
  describe.skipIf(isMissing)('kept as data, and cut to its length', () => {
    if (name === 'PostgreSQL') {
      beforeAll(async () => {
        postgres = await startPostgres();
      });
      afterAll(() => postgres.remove());
    }

    test.each(HOSTILE)('is %s', async (_what, text) => {
      const chain = await openChain({ DATABASE_URL: await url() });
      const event = { actor: text, target: text, address: text, requestId: text };
      await chain.record({ ...event, detail: { reason: text, deep: [{ text }] } });
      await chain.record();
      expect((await chain.verify()).bad).toBeUndefined();
      const [row] = await chain.rows();
      const whole = text.replaceAll('\0', '\u{fffd}').toWellFormed();
      const kept =
        whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST - 1).toWellFormed()}…`;
      expect(row).toMatchObject({ actor: kept, target: kept, address: kept, requestId: kept });
      expect(JSON.parse(row?.detail ?? '')).toEqual({ reason: kept, deep: [{ text: kept }] });
    });
  });
});

test('a detail beyond all measure is cut, and stays JSON', async () => {
  const chain = await openChain();
  await chain.record({ detail: { names: Array.from({ length: 5_000 }, (_, i) => `name ${i}`) } });
  const [row] = await chain.rows();
  expect(JSON.parse(row?.detail ?? '')).toEqual({ cut: expect.stringContaining('name 1') });
  expect(row?.detail?.length).toBeLessThan(16 * 1024);
  expect((await chain.verify()).bad).toBeUndefined();
});
