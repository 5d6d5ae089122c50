import {
  type Client,
  ErrorCode,
  type JsonValue,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import { describe, expect, test } from 'vitest';
import type { FlagValue } from '../../src/config/keys/flags.ts';
import { makeApp } from '../support/app.ts';
import { gradual, startUnleashServer } from '../support/unleash.ts';
import { clientOf } from './openfeature-client.ts';

const FLAG = 'FEATURE_SIGNUP_V2';
const ADA = { targetingKey: 'ada' };
const { TYPE_MISMATCH, FLAG_NOT_FOUND, TARGETING_KEY_MISSING, INVALID_CONTEXT } = ErrorCode;
/** Ask for the kind that the default has. */
function ask(client: Client, key: string, fallback: JsonValue, context = {}) {
  if (typeof fallback === 'boolean') return client.getBooleanDetails(key, fallback, context);
  if (typeof fallback === 'string') return client.getStringDetails(key, fallback, context);
  if (typeof fallback === 'number') return client.getNumberDetails(key, fallback, context);
  return client.getObjectDetails(key, fallback, context);
}

async function answer(held: FlagValue, fallback: JsonValue, context = {}) {
  const app = await makeApp();
  await app.locals.flags.set(FLAG, held);
  return ask(await clientOf(app), FLAG, fallback, context);
}

type Row = [
  scenario: string,
  held: FlagValue,
  fallback: JsonValue,
  context: object,
  expected: Partial<ResolutionDetails<JsonValue>>,
];

const STATIC: Row[] = [
  ['a boolean', true, false, {}, { value: true, variant: 'on' }],
  ['false is a value, no absence', false, true, {}, { value: false, variant: 'off' }],
  ['a string', { variants: { hi: 100 } }, 'bye', {}, { value: 'hi', variant: 'hi' }],
  ['an integer', { variants: { '10': 100 } }, 1, {}, { value: 10, variant: '10' }],
  ['a float', { variants: { '0.5': 100 } }, 0.1, {}, { value: 0.5 }],
  ['zero', { variants: { '0': 100 } }, 1, {}, { value: 0 }],
  ['a large integer', { variants: { '9007199254740991': 100 } }, 1, {}, { value: 2 ** 53 - 1 }],
  ['a context that nothing depends on', { variants: { hi: 100 } }, 'bye', ADA, { value: 'hi' }],
  ['a variant without weight', { variants: { hi: 100, ho: 0 } }, 'bye', {}, { value: 'hi' }],
];

const TARGETED: Row[] = [
  ['a listed subject', { allow: ['ada'] }, false, ADA, { value: true, reason: 'TARGETING_MATCH' }],
  ['another subject', { allow: ['bob'] }, true, ADA, { value: false, reason: 'DEFAULT' }],
  ['no subject', { allow: ['ada'] }, true, {}, { value: false, reason: 'DEFAULT' }],
  [
    'a denied subject',
    { rollout: 50, deny: ['ada'] },
    true,
    ADA,
    { value: false, reason: 'TARGETING_MATCH' },
  ],
  ['a share', { rollout: 99.9 }, false, ADA, { value: true, reason: 'SPLIT', variant: 'on' }],
  [
    'several variants',
    { variants: { a: 99, b: 1 } },
    'c',
    ADA,
    { value: 'a', variant: 'a', reason: 'SPLIT' },
  ],
  [
    'outside of the share',
    { rollout: 0, variants: { a: 100 } },
    'c',
    ADA,
    { value: 'c', reason: 'DEFAULT' },
  ],
  ['a string that is switched off', false, 'bye', {}, { value: 'bye', reason: 'DISABLED' }],
];

const WRONG: Row[] = [
  ['a boolean as a string', true, 'fallback', {}, { errorCode: TYPE_MISMATCH }],
  ['a boolean as a number', true, 1, {}, { errorCode: TYPE_MISMATCH }],
  ['a boolean as an object', true, { a: 1 }, {}, { errorCode: TYPE_MISMATCH }],
  ['a string as a boolean', { variants: { hi: 1 } }, false, {}, { errorCode: TYPE_MISMATCH }],
  ['a string as a number', { variants: { hi: 1 } }, 1, {}, { errorCode: TYPE_MISMATCH }],
  ['a string as an object', { variants: { hi: 1 } }, {}, {}, { errorCode: TYPE_MISMATCH }],
  ['a number as a boolean', { variants: { '10': 1 } }, false, {}, { errorCode: TYPE_MISMATCH }],
  ['a number as a string', { variants: { '10': 1 } }, 'x', {}, { errorCode: TYPE_MISMATCH }],
  ['a share of nobody', { rollout: 50 }, true, {}, { errorCode: TARGETING_KEY_MISSING }],
  [
    'variants for nobody',
    { variants: { a: 1, b: 1 } },
    'c',
    {},
    { errorCode: TARGETING_KEY_MISSING },
  ],
  ['a subject that is no text', true, false, { targetingKey: 7 }, { errorCode: INVALID_CONTEXT }],
];

describe("the specification's scenarios", () => {
  test.each(STATIC)(
    'a value resolves statically: %s',
    async (_, held, fallback, context, wanted) => {
      const details = await answer(held, fallback, context);
      expect(details).toMatchObject({ flagKey: FLAG, reason: 'STATIC', ...wanted });
      expect(details.errorCode).toBeUndefined();
      expect(details.errorMessage).toBeUndefined();
    },
  );

  test.each(TARGETED)('the context decides: %s', async (_, held, fallback, context, wanted) => {
    const details = await answer(held, fallback, context);
    expect(details).toMatchObject(wanted);
    expect(details.errorCode).toBeUndefined();
  });

  test.each(WRONG)(
    'the default is given, with an error: %s',
    async (_, held, fallback, context, wanted) => {
      const details = await answer(held, fallback, context);
      expect(details).toMatchObject({ value: fallback, reason: 'ERROR', ...wanted });
    },
  );

  test.each([[true], ['uh-oh'], [13], [{ a: 1 }]])(
    'a missing flag gives the default: %o',
    async (fallback) => {
      const details = await ask(await clientOf(await makeApp()), 'missing-flag', fallback);
      expect(details).toMatchObject({
        value: fallback,
        reason: 'ERROR',
        errorCode: FLAG_NOT_FOUND,
      });
    },
  );

  test('a flag tells its metadata, and the provider its name', async () => {
    const client = await clientOf(await makeApp());
    expect((await client.getBooleanDetails(FLAG, true)).flagMetadata).toEqual({
      owner: 'accounts',
      kind: 'release',
      source: 'TestingConfig',
      expires: '2036-01-01',
    });
    expect(client.metadata.providerMetadata.name).toBe('strata');
  });
});

test('what Unleash decides per user is decided per targeting key', async () => {
  const server = await startUnleashServer(gradual(FLAG, 25));
  const app = await makeApp({ vars: server.vars });
  const client = await clientOf(app);
  const subjects = Array.from({ length: 200 }, (_, index) => `user-${index}`);
  const answers = await Promise.all(
    subjects.map((targetingKey) => client.getBooleanValue(FLAG, false, { targetingKey })),
  );
  expect(answers).toEqual(subjects.map((subject) => app.locals.flags.isOn(FLAG, subject)));
  expect(answers).toContain(true);
  expect(await client.getBooleanDetails(FLAG, false, ADA)).toMatchObject({
    reason: 'UNKNOWN',
    flagMetadata: { source: 'unleash' },
  });
});
