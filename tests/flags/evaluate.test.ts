import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FlagValue, flagValue } from '../../src/config/keys/flags.ts';
import { bucket } from '../../src/flags/bucketing.ts';
import { decide, pickVariant } from '../../src/flags/evaluate.ts';
import { createView } from '../../src/flags/view.ts';
import { makeApp } from '../support/app.ts';

const NAME = 'FEATURE_SIGNUP_V2';
const OTHER = 'FEATURE_NEW_CHECKOUT';
const USERS = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
const isOn = (value: FlagValue, subject?: string, name = NAME) => decide(name, value, subject).on;
const share = (value: FlagValue, name?: string) =>
  USERS.filter((user) => isOn(value, user, name)).length / USERS.length;

describe('what a value means for a subject', () => {
  const rows: [
    what: string,
    value: FlagValue,
    subject: string | undefined,
    on: boolean,
    reason?: string,
  ][] = [
    ['on', true, undefined, true],
    ['off', false, 'ada', false],
    ['a rollout without a subject is off', { rollout: 100 }, undefined, false, 'rollout'],
    ['nobody', { rollout: 0 }, 'ada', false, 'rollout'],
    ['everybody', { rollout: 100 }, 'ada', true, 'rollout'],
    ['an allowed subject', { allow: ['ada'], rollout: 0 }, 'ada', true, 'allow list'],
    ['lists without a rollout leave the rest off', { allow: ['ada'] }, 'bob', false, 'rollout'],
    ['a denied subject', { deny: ['bob'], rollout: 100 }, 'bob', false, 'deny list'],
    ['a subject on both lists', { allow: ['bob'], deny: ['bob'] }, 'bob', false, 'deny list'],
    ['a list without a subject', { allow: ['ada'] }, undefined, false, 'rollout'],
    ['variants without a rollout reach all', { variants: { a: 1 } }, 'ada', true, 'rollout'],
    ['variants within a rollout of 0', { variants: { a: 1 }, rollout: 0 }, 'ada', false, 'rollout'],
  ];
  test.each(rows)('%s: %o for %s', (_what, value, subject, on, reason) => {
    expect(decide(NAME, value, subject)).toMatchObject({ on, ...(reason ? { reason } : {}) });
  });

  test('the bucket is that of the contract, with the name or the salt', () => {
    const decided = decide(NAME, { rollout: 30 }, 'ada');
    expect(decided).toEqual({
      on: bucket('ada', NAME) < 30,
      reason: 'rollout',
      bucket: bucket('ada', NAME),
    });
    expect(decide(NAME, { rollout: 30, salt: 'again' }, 'ada').bucket).toBe(bucket('ada', 'again'));
  });
});

describe('rollouts', () => {
  const percent = fc.integer({ min: 0, max: 100 });
  const fine = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

  test('a whole rollout is on exactly where the bucket is below it', () => {
    fc.assert(
      fc.property(fc.string(), percent, (user, rollout) => {
        expect(isOn({ rollout }, user)).toBe(bucket(user, NAME) < rollout);
      }),
    );
  });

  test('one that grows never drops anybody, nor changes a variant', () => {
    const variants = { control: 40, blue: 60 };
    fc.assert(
      fc.property(fc.string(), fine, fine, (user, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        if (!isOn({ rollout: less }, user)) return;
        expect(isOn({ rollout: more }, user)).toBe(true);
        expect(pickVariant(NAME, { rollout: more, variants }, user)).toBe(
          pickVariant(NAME, { rollout: less, variants }, user),
        );
      }),
    );
  });

  test.each([0.5, 1, 10, 25, 50, 99.5])('%d %% reach about as many of 10,000 users', (rollout) => {
    const expected = rollout / 100;
    // Four standard deviations: the users are fixed, so it holds always or never.
    const deviation = 4 * Math.sqrt((expected * (1 - expected)) / USERS.length);
    expect(Math.abs(share({ rollout }) - expected)).toBeLessThan(deviation);
  });

  test('two flags are independent, as are two salts of one', () => {
    for (const [one, other] of [
      [{ name: NAME }, { name: OTHER }],
      [{ name: NAME }, { name: NAME, salt: 'again' }],
    ] as { name: string; salt?: string }[][]) {
      const on = (from: typeof one, user: string) =>
        isOn({ rollout: 50, salt: from?.salt }, user, from?.name);
      const both = USERS.filter((user) => on(one, user) && on(other, user)).length;
      expect(both / USERS.length).toBeGreaterThan(0.23);
      expect(both / USERS.length).toBeLessThan(0.27);
    }
  });

  test('all variants are reached within a rollout of 10 %, by their weights', () => {
    const value = { rollout: 10, variants: { control: 50, blue: 30, green: 20 } };
    const reached = USERS.filter((user) => isOn(value, user));
    const count = (name: string) =>
      reached.filter((user) => pickVariant(NAME, value, user) === name).length / reached.length;
    expect(count('control')).toBeCloseTo(0.5, 1);
    expect(count('blue')).toBeCloseTo(0.3, 1);
    expect(count('green')).toBeCloseTo(0.2, 1);
  });
});

describe('reads', () => {
  const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withMap: true });

  test('none ever throws, whatever it is asked', async () => {
    const app = await makeApp({ vars: { [OTHER]: '{"rollout":50,"variants":{"a":1,"b":1}}' } });
    const { flags } = app.locals;
    await flags.set(NAME, { allow: ['ada'], rollout: 20 });
    const name = fc.oneof(fc.constantFrom(NAME, OTHER, '__proto__', 'toString'), anything);
    fc.assert(
      fc.property(name, anything, (asked, subject) => {
        for (const view of [flags, flags.state]) {
          // As JavaScript may call them.
          const reads = view as unknown as Record<string, (...args: unknown[]) => unknown>;
          expect(typeof reads['isOn']?.(asked, subject)).toBe('boolean');
          expect(['string', 'undefined']).toContain(typeof reads['variant']?.(asked, subject));
          expect(typeof reads['explain']?.(asked, subject)).toBe('object');
        }
      }),
    );
  });

  test('a vendor that throws turns its flag off, and no read into a failure', () => {
    const fail = () => {
      throw new Error('the vendor of the test');
    };
    const view = createView(
      new Map([
        [
          NAME,
          {
            name: NAME,
            configured: { value: true, source: 'the test' },
            vended: { source: 'vendor', said: { isOn: fail, variant: fail } },
            ended: false,
            effective: { isOn: fail, variant: fail },
            from: 'vendor',
            source: 'vendor',
          },
        ],
      ]),
    );
    expect([view.isOn(NAME, 'ada'), view.variant(NAME, 'ada')]).toEqual([false, undefined]);
    expect(view.explain(NAME, 'ada')).toEqual({
      value: false,
      on: false,
      reason: 'vendor',
      source: 'vendor',
    });
  });

  test('an explanation agrees with the answers', async () => {
    const { flags } = (await makeApp()).locals;
    await flags.set(NAME, { rollout: 50, variants: { a: 1, b: 1 }, allow: ['ada'], deny: ['bob'] });
    for (const subject of ['ada', 'bob', ...USERS.slice(0, 200)]) {
      const { on, variant } = flags.explain(NAME, subject);
      expect([on, variant]).toEqual([flags.isOn(NAME, subject), flags.variant(NAME, subject)]);
    }
  });
});

test.each([
  ['an empty object', {}],
  ['a salt alone', { salt: 'x' }],
  ['a deny list alone', { deny: ['bob'] }],
  ['a rollout over 100', { rollout: 101 }],
  ['a member that is not known', { rollout: 10, percent: 1 }],
  ['no variants', { variants: {} }],
  ['weights that are all 0', { variants: { a: 0 } }],
  ['a variant with a name that reaches a prototype', JSON.parse('{"variants":{"constructor":1}}')],
  ['a subject that is no text', { allow: [1] }],
  ['text', 'true'],
])('%s is no value of a flag', (_what, value) => {
  expect(flagValue.safeParse(value).success).toBe(false);
});
