import { expect, test } from 'vitest';
import { bucket, isTreatment } from '../../src/flags/bucketing.ts';

test.each([
  ['user-0', 'new_checkout', 42],
  ['user-1', 's', 28],
  ['user-3', 'ünïcødé', 17],
])('the bucket of %s with the salt %s is %i', (userId, salt, expected) => {
  expect(bucket(userId, salt)).toBe(expected);
});

test('the treatment takes the buckets below its ratio, with the salt exp1', () => {
  const users = Array.from({ length: 500 }, (_, index) => `user-${index}`);
  expect(users.filter((user) => isTreatment(user))).toEqual(
    users.filter((user) => bucket(user, 'exp1') < 10),
  );
  expect(users.filter((user) => isTreatment(user, 0))).toEqual([]);
  expect(users.filter((user) => isTreatment(user, 100))).toEqual(users);
});
