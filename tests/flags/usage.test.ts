import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expiryOf, FLAGS, type FlagDeclaration, isExpired } from '../../src/config/keys/flags.ts';
import { ageOf, checkFlags, findUses } from '../../src/flags/usage.ts';
import { PROJECT } from '../support/process.ts';

const FLAG: FlagDeclaration = {
  description: 'A flag of the test.',
  owner: 'tests',
  kind: 'release',
  created: '2026-01-01',
  default: false,
};
const at = (day: string) => Date.parse(day);
const check = (flag: Partial<FlagDeclaration>, day: string, uses: string[] = ['src/app.ts:1']) =>
  checkFlags(new Map([['FEATURE_SIGNUP_V2', uses]]), at(day), {
    FEATURE_SIGNUP_V2: { ...FLAG, ...flag },
  });

describe('the life of a flag', () => {
  test.each([
    ['release', '2026-02-10'],
    ['experiment', '2026-02-10'],
    ['ops', '2026-01-08'],
    ['kill-switch', undefined],
    ['permission', undefined],
  ] as const)('a flag of kind %s that began 2026-01-01 ends %s', (kind, end) => {
    expect(expiryOf({ ...FLAG, kind })).toBe(end);
  });

  test('a declared end beats that of the kind', () => {
    expect(expiryOf({ ...FLAG, expires: '2026-03-01' })).toBe('2026-03-01');
  });

  test('the last day is still a day of its life', () => {
    const flag = { ...FLAG, expires: '2026-03-01' } as const;
    expect(isExpired(flag, at('2026-03-01T23:59:59Z'))).toBe(false);
    expect(isExpired(flag, at('2026-03-02T00:00:00Z'))).toBe(true);
  });

  test('its age is told in whole days', () => {
    expect(ageOf(FLAG, at('2026-01-11T23:00:00Z'))).toBe(10);
  });
});

describe('the check of flags', () => {
  test.each([
    ['has expired', {}, '2026-02-11', ['x:1'], [/of tests expired on 2026-02-10/]],
    ['has no owner', { owner: ' ' }, '2026-01-02', ['x:1'], [/has no owner/]],
    ['is used by no code', {}, '2026-01-02', [], [/is used by no code/]],
    [
      'began on no day',
      { created: '25.11.2026' as never },
      '2026-01-02',
      ['x:1'],
      [/day that does/],
    ],
    [
      'ends on no day',
      { expires: '2026-02-30' as const },
      '2026-01-02',
      ['x:1'],
      [/day that does/],
    ],
    ['ends never', { expires: 'never' as never }, '2026-01-02', ['x:1'], [/day that does/]],
    ['is fine', {}, '2026-01-02', ['x:1'], []],
    ['stays for good', { kind: 'kill-switch' as const }, '2036-01-01', ['x:1'], []],
  ])('finds a flag that %s', (_what, flag, day, uses, expected) => {
    const { problems } = check(flag, day, uses);
    expect(problems).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  test('warns some days ahead', () => {
    expect(check({}, '2026-01-20').warnings).toEqual([]);
    expect(check({}, '2026-02-01').warnings).toEqual([
      'FEATURE_SIGNUP_V2 of tests expires on 2026-02-10',
    ]);
  });
});

test('every flag is used where it is said to be, and the registry itself is no use', () => {
  const uses = findUses();
  expect([...uses.keys()].sort()).toEqual(Object.keys(FLAGS).sort());
  for (const [name, places] of uses) {
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) {
      const [file = '', line] = place.split(':');
      expect(file).not.toContain('keys/flags.ts');
      expect(readFileSync(join(PROJECT, file), 'utf8').split('\n')[Number(line) - 1]).toContain(
        name,
      );
    }
  }
});

test('the flags of this project pass their own check', () => {
  expect(checkFlags(findUses(), Date.now()).problems).toEqual([]);
});
