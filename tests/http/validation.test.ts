import { expect, test } from 'vitest';
import { z } from 'zod';
import { HttpProblem } from '../../src/http/errors.ts';
import { validated } from '../../src/http/validation.ts';

const order = z.strictObject({
  'a/b': z.strictObject({ 'c~d': z.number() }),
  items: z.array(z.strictObject({ count: z.coerce.number().int() })),
});

test('what is valid comes back typed', () => {
  const input = { 'a/b': { 'c~d': 1 }, items: [{ count: '2' }] };
  expect(validated(order, input)).toEqual({ 'a/b': { 'c~d': 1 }, items: [{ count: 2 }] });
});

test('every fault is named by an escaped JSON pointer, lists by their index', () => {
  const input = { 'a/b': { 'c~d': 'canary' }, items: [{ count: 1 }, { count: 'canary' }] };
  const details = detailsOf(() => validated(order, input));
  expect(details.errors?.map(({ pointer }) => pointer)).toEqual(['#/a~1b/c~0d', '#/items/1/count']);
  expect(JSON.stringify(details)).not.toContain('canary');
});

function detailsOf(act: () => unknown): HttpProblem['details'] {
  try {
    act();
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 422) return error.details;
    throw error;
  }
  throw new Error('it was valid');
}
