import { describe, expect, test } from 'vitest';
import { changeText, flagText } from '../../src/flags/text.ts';

test.each([
  [true, 'on'],
  [false, 'off'],
  [{ rollout: 0.5 }, 'on for 0.5 %'],
  [{ allow: [] }, 'off'],
  [{ variants: { key: 1, b: 3 } }, 'variants key 1, b 3'],
  [{ rollout: 25, allow: ['ada'], deny: ['eve', 'bob'] }, 'on for 25 %; 1 always on; 2 always off'],
])('%o in words is "%s"', (value, words) => {
  expect(flagText(value)).toBe(words);
});

describe('a change', () => {
  test.each([
    [{ before: false, after: true }, 'off → on'],
    [{ before: true, after: { rollout: 25 }, ttlSeconds: 900 }, 'on → on for 25 %, for 15 min'],
    [{ before: true, after: false, reason: 'Too slow' }, 'on → off: Too slow'],
  ])('%o is told as "%s"', (detail, words) => {
    expect(changeText(detail)).toBe(words);
  });

  test.each([{}, { before: 'x', after: true }, { reason: 'password' }])('%o is none', (detail) => {
    expect(changeText(detail)).toBeUndefined();
  });
});
