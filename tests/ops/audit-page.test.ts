import { expect, test } from 'vitest';
import { detailText } from '../../src/ops/pages/audit.ts';

test.each([
  ['nothing', null, ''],
  ['a text', 'cut', 'cut'],
  [
    'a change of a flag',
    { before: false, after: { rollout: 25 }, reason: 'a quarter' },
    'off → on for 25 %: a quarter',
  ],
  ['members side by side', { reason: 'password', lines: 3 }, 'reason: password; lines: 3'],
  ['no empty member', { changed: [], fingerprints: {}, by: 'SIGHUP' }, 'by: SIGHUP'],
  [
    'a text that ends like an empty member',
    { reason: 'ends with: {}', other: 0 },
    'reason: ends with: {}; other: 0',
  ],
  [
    'lists, and fingerprints by key',
    { changed: ['A', 'B'], fingerprints: { A: [null, '245b95df'] } },
    'changed: A, B; fingerprints: A: (not set), 245b95df',
  ],
])('the detail of an entry tells %s', (_what, detail, text) => {
  expect(detailText(detail)).toBe(text);
});
