import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskText, maskValue, showValue } from '../../src/config/mask.ts';
import { maskDsn } from '../../src/config/mask-url.ts';
import { maskedValues } from '../../src/config/view.ts';
import { loadWorld } from '../support/app.ts';

test.each([
  ['postgres://user:hunter2@db.example:5432/shop', 'postgres://***@db.example:5432/shop'],
  ['postgres://db.example/shop', 'postgres://db.example/shop'],
  ['redis://:hunter2@cache.example', 'redis://***@cache.example'],
  ['redis://hunter2@cache.example/0', 'redis://***@cache.example/0'],
  ['postgres://u:hun:ter2@h/db', 'postgres://***@h/db'],
  ['postgres://u:hun,ter2@h/db', 'postgres://***@h/db'],
  ['postgres://u:hun/ter2@h/db', 'postgres://***@h/db'],
  ['postgres://u:hun@ter2@h/db', 'postgres://***@h/db'],
  ['postgres://u:hunter2@[::1]:5432/db', 'postgres://***@[::1]:5432/db'],
  ['postgres://h1:5432,h2:5432/db', 'postgres://h1:5432,h2:5432/db'],
  ['postgres://u:hunter2@h1:1,h2:2/db', 'postgres://***@h1:1,h2:2/db'],
  ['postgres://u:hunter2@h1:1,v:hunter3@h2:2/db', 'postgres://***@h2:2/db'],
  ['http://user://@host', 'http://***@host'],
  ['postgres://h/db?sslmode=require', 'postgres://h/db?sslmode=require'],
  ['postgres://h/db?user=u&password=hunter2', 'postgres://h/db?user=***&password=***'],
  ['postgres://u:hun?ter2@h/db', '***'],
  ['postgres://u:hun#ter2@h/db', '***'],
  ['postgres://u:hunter2', '***'],
  ['postgres://u:hun\nter2@h/db', '***'],
  ['hunter2', '***'],
  ['postgres://u@db.example/shop;password=hunter2', '***'],
  ['postgres://db.example/password=hunter2', '***'],
  ['sqlite:dev.db', 'sqlite:dev.db'],
  ['sqlite:////var/lib/app.db', 'sqlite:////var/lib/app.db'],
  ['sqlite::memory:', 'sqlite::memory:'],
  ['sqlite:a.db?key=hunter2', '***'],
])('the URL of a service %j is shown as %j', (url, shown) => {
  expect(maskDsn(url)).toBe(shown);
});

test.each([
  ['plain text: nothing to hide', 'plain text: nothing to hide'],
  ['secretsmanager:myapp/prod#SECRET_KEY', 'secretsmanager:myapp/prod#SECRET_KEY'],
  ['secretsmanager: hunter2', 'secretsmanager: ***'],
  ["default-src 'self'; base-uri 'none'", "default-src 'self'; base-uri 'none'"],
  ['https://shop.example/a?page=2', 'https://shop.example/a?page=2'],
  ['https://u:hunter2@shop.example/a', 'https://***@shop.example/a'],
  ['https://ghp_hunter2@github.com/x', 'https://***@github.com/x'],
  ['https://h/?token=hunter2&page=2', 'https://h/?token=***&page=2'],
  ['https://h/?page=2&access_token=hunter2', 'https://h/?page=2&access_token=***'],
  ['https://h/?X-Amz-Signature=hunter2', 'https://h/?X-Amz-Signature=***'],
  ['https://h/?apiKey=hunter2', 'https://h/?apiKey=***'],
  ['https://h/?sessionid=hunter2&session_id=hunter2', 'https://h/?sessionid=***&session_id=***'],
  ['dbpass=hunter2', 'dbpass=***'],
  ['userpwd: hunter2', 'userpwd: ***'],
  ['<a><password>hunter2</password></a>', '<a><password>***</password></a>'],
  ['<ns:token kind="x">hunter2</ns:token>', '<ns:token>***</ns:token>'],
  ['<p>hunter</p>', '<p>hunter</p>'],
  ['https://h/a#access_token=hunter2', 'https://h/a#***'],
  ['https://h/a%20b?q=c%26d', 'https://h/a%20b?q=c%26d'],
  ['/cb?next=%2Fhome%3Fpage%3D2', '/cb?next=%2Fhome%3Fpage%3D2'],
  ['/cb?next=%2Fhome%3Ftoken%3Dhunter2&page=2', '/cb?next=***&page=2'],
  ['user:hunter2@tcp(db:3306)/shop', '***@tcp(db:3306)/shop'],
  ['Server=h;User=u;Password=hunter2;Database=d', 'Server=h;User=u;Password=***;Database=d'],
  ['Server=h;Pwd="hun;ter2";Database=d', 'Server=h;Pwd=***;Database=d'],
  ['host=h password=hunter2', 'host=h password=***'],
  ['Authorization: Bearer hunter2.a-b', 'Authorization: ***'],
  ['curl with Bearer hunter2.a-b', 'curl with Bearer ***'],
  ['a eyJhbGciOi.eyJzdWIi.c2ln b', 'a *** b'],
  ['{"a":{"password":"hunter2"},"b":1}', '{"a":{"password":"***"},"b":1}'],
  ['{"a":"postgres://u:hunter2@h/d"}', '{"a":"postgres://***@h/d"}'],
  ['{"a":"{\\"token\\":\\"hunter2\\"}"}', '{"a":"{\\"token\\":\\"***\\"}"}'],
  ['["https://u:hunter2@h"]', '["https://***@h"]'],
])('the public text %j is shown as %j', (text, shown) => {
  expect(maskText(text)).toBe(shown);
});

// What is left around the mask may vary here, what is hidden may not.
test.each([
  ['-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----'],
  ['-----BEGIN RSA PRIVATE KEY-----\nhunter2'],
  ['{"password": "hunter2"'],
  ["{'password': 'hunter2'}"],
  ['{\\"password\\": \\"hunter2\\"}'],
  ['upstream said: {\\"user\\":\\"u\\",\\"password\\":\\"a,b;hunter2\\"}'],
  ['said: {\\\\\\"password\\\\\\":\\\\\\"a\\\\\\\\\\"b;hunter2\\\\\\"}'],
  ['https://h/?p%61ssword=hunter2'],
  ['https://h/cb?next=https%3A%2F%2Fu%3Ahunter2%40h2'],
  ['https://h/?next=https%253A%252F%252Fu%253Ahunter2%2540h2'],
  ['https://h/?q=%7B%22password%22%3A%22hunter2%22%7D'],
  ['{"url":"postgres://u:hunter2@h/d","url":"none"}'],
  ['password: hunter2'],
  ['DB_PASSWORD=hunter2'],
  ['_pw=hunter2'],
  ['a token-eyJhunter.dXNl'],
  ['secretKey = "hunter2"'],
  ['Server=h;Password=a,hunter2;Database=d'],
  ['Server=h;Password=a&hunter2;Database=d'],
  ['Server=h;Password=a}hunter2;Database=d'],
  ['Server=h;Password=a]hunter2;Database=d'],
  ['Server=h;Password="a\\"";hunter2";Database=d'],
  ['AccountName=a;AccountKey=hunter2==;EndpointSuffix=x'],
  ['u:hunter2@db and https://h/'],
  ['https://h/ and postgres://u:hunter2@db/x'],
  ['postgres://a:hunter2@h1/x,postgres://b:hunter2@h2/x'],
  ['jdbc:sqlserver://h:1433;user=sa;password=hunter2'],
  ['jdbc:postgresql://h/d?user=u&password=hunter2'],
  ['amqp://guest:hunter2@h1:5672,h2:5672/v'],
  ['Basic dXNlcjpodW50ZXIyOg=='],
])('no part of the secret in the public text %j is shown', (text) => {
  const shown = maskText(text);
  expect(shown).toContain('***');
  expect(shown).not.toMatch(/hunter|dXNl/);
});

test.each([
  [
    { API_KEY: 'hunter2', NAME: 'x' },
    { API_KEY: '***', NAME: 'x' },
  ],
  [{ a: { dbPassword: 'hunter2' } }, { a: { dbPassword: '***' } }],
  [
    { dbpass: 'hunter2', sessionId: 'x' },
    { dbpass: '***', sessionId: '***' },
  ],
  [{ tokens: ['hunter2'] }, { tokens: '***' }],
  [{ list: [{ secret: 5 }, 'x'] }, { list: [{ secret: '***' }, 'x'] }],
  [{ password: '' }, { password: '' }],
  [
    { MONKEY_COUNT: 5, KEYBOARD: 'qwerty' },
    { MONKEY_COUNT: '***', KEYBOARD: 'qwerty' },
  ],
  [{ 'postgres://u:hunter2@h': 1 }, { 'postgres://***@h': 1 }],
  [[['https://u:hunter2@h']], [['https://***@h']]],
  [
    [1, true, null, 'x'],
    [1, true, null, 'x'],
  ],
])('the free-form value %j is shown as %j', (value, shown) => {
  expect(maskValue(value)).toEqual(shown);
});

test('a value is printed on one line that cannot steer a terminal', () => {
  expect(showValue('a\nb\u001b[31m\u2028\u202ec')).toBe('a\\u000ab\\u001b[31m\\u2028\\u202ec');
  expect([showValue(undefined), showValue([1]), showValue({ a: 1 }), showValue('')]).toEqual([
    '(not set)',
    '[1]',
    '{"a":1}',
    '',
  ]);
});

test('a key that is not set shows as not set, and an empty secret list as hidden', async () => {
  const { REDIS_URL, OPS_USERS, SERVER_NAME } = maskedValues(await loadWorld());
  expect([REDIS_URL, OPS_USERS, SERVER_NAME].map(showValue)).toEqual([
    '(not set)',
    '***',
    '(not set)',
  ]);
});

// Marked at both ends, so that nothing else in the text can look like it.
const password = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 24 })
  .filter((text) => !text.includes('://'))
  .map((text) => `Qx7${text}7xQ`);

const SHAPES: Record<string, (password: string) => string> = {
  'a URL': (word) => `postgres://user:${word}@db.example/shop`,
  'a URL without a user': (word) => `redis://:${word}@cache.example:6379/0`,
  'a URL with several hosts': (word) => `postgres://u:${word}@h1:1,h2:2/shop?sslmode=require`,
  'an encoded URL': (word) => `https://u:${encodeURIComponent(word)}@h/?page=1`,
  'a parameter': (word) => `https://h/?page=1&password=${encodeURIComponent(word)}`,
  'an encoded URL in a parameter': (word) =>
    `https://h/?next=${encodeURIComponent(`https://u:${encodeURIComponent(word)}@h2/`)}`,
  'escaped JSON in a text': (word) =>
    `upstream said: ${JSON.stringify(JSON.stringify({ password: word })).slice(1, -1)}`,
  JSON: (word) => JSON.stringify({ nested: [{ password: word }] }),
  'JSON in JSON': (word) => JSON.stringify({ text: JSON.stringify({ token: word }) }),
  'a URL in JSON': (word) => JSON.stringify({ url: `amqp://u:${word}@h/v` }),
  'a connection string': (word) =>
    `Server=h;Password=${word.replace(/[;"'{\s]/g, '-')};Database=shop`,
  'a quoted connection string': (word) =>
    `Server=h;Password="${word.replaceAll('"', '""')}";Database=shop`,
};

test.each(Object.entries(SHAPES))('whatever the password is, %s does not show it', (_, shape) => {
  fc.assert(
    fc.property(password, (word) => {
      const text = shape(word);
      for (const shown of [maskText(text), maskDsn(text), showValue(maskValue({ a: text }))]) {
        expect(shown).not.toMatch(/Qx7|7xQ/);
      }
    }),
    { numRuns: 500 },
  );
});
