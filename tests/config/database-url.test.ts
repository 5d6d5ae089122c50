import { expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/config/database-url.ts';
import { loadWorld } from '../support/app.ts';

test.each([
  'postgres://user:pw@db.example:5432/shop',
  'postgresql://user:pw@db.example/shop?sslmode=require',
  'postgres://db.example/shop',
  'POSTGRES://db.example/shop',
  'postgres://user:p%40w%2F@[::1]:5432/shop',
  'postgres:///shop?host=/run/postgresql',
])('%s is a PostgreSQL database', async (url) => {
  expect(parseDatabaseUrl(url)).toEqual({ kind: 'postgres' });
});

test.each([
  ['sqlite:dev.db', 'dev.db'],
  ['sqlite:data/dev.db', 'data/dev.db'],
  ['sqlite:///dev.db', 'dev.db'],
  ['sqlite:////var/lib/app.db', '/var/lib/app.db'],
  ['sqlite::memory:', ':memory:'],
  ['sqlite:///:memory:', ':memory:'],
])('%s is the SQLite file %s', (url, file) => {
  expect(parseDatabaseUrl(url)).toEqual({ kind: 'sqlite', file });
});

const DRIVER = 'names a driver in its scheme, as SQLAlchemy does: write postgresql:// alone';
const KIND =
  'is of a kind that is not supported; expects postgres://user:password@host:port/name or sqlite:file';
const UNREADABLE =
  'is no readable URL (percent-encode special characters of the password); ' +
  'expects postgres://user:password@host:port/name or sqlite:file';
const NO_FILE = 'names no file: write sqlite:file, sqlite:////abs/file or sqlite::memory:';

test.each([
  ['postgresql+psycopg://user:hunter2@db/shop', DRIVER],
  ['postgres+asyncpg://user:hunter2@db/shop', DRIVER],
  ['mysql://user:hunter2@db/shop', KIND],
  ['mongodb://user:hunter2@db/shop', KIND],
  ['sqlite3:hunter2.db', KIND],
  ['file:hunter2.db', KIND],
  ['hunter2', KIND],
  [' postgres://user:hunter2@db/shop', KIND],
  ['"postgres://user:hunter2@db/shop"', KIND],
  ['{"url":"hunter2"}', KIND],
  ['postgres:hunter2', UNREADABLE],
  ['postgres:/user:hunter2@db/shop', UNREADABLE],
  ['postgres://user:hunter2/x@db:port/shop', UNREADABLE],
  ['sqlite:', NO_FILE],
  ['sqlite://', NO_FILE],
  ['sqlite:///', NO_FILE],
  ['sqlite://hunter2.db', NO_FILE],
  ['sqlite:dev.db?key=hunter2', 'takes no options after the file name'],
])('%j is refused with the right text', async (url, reason) => {
  const { problems } = await loadWorld({ vars: { DATABASE_URL: url } });
  expect(problems).toEqual([
    {
      key: 'DATABASE_URL',
      reason,
      origin: 'env DATABASE_URL',
      shadows: ['TestingConfig'],
      remedy: 'correct env DATABASE_URL',
    },
  ]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test.each(['redis://cache', 'rediss://:pw@cache:6380/1', 'redis://[::1]:6379'])(
  '%s is a Redis server',
  async (url) => {
    expect((await loadWorld({ vars: { REDIS_URL: url } })).problems).toEqual([]);
  },
);

test.each(['http://cache', 'cache:6379', 'redis:cache', 'redis://:hunter2/@#:x'])(
  '%s is no Redis server',
  async (url) => {
    const { problems } = await loadWorld({ vars: { REDIS_URL: url } });
    expect(problems.map(({ key, reason }) => [key, reason])).toEqual([
      ['REDIS_URL', 'expects redis://host:port/0 or rediss://host:port/0'],
    ]);
  },
);
