import { describe, expect, test } from 'vitest';
import { FLAG, openFlags, problem } from './flag-switch.ts';
import { trailOf } from './trail.ts';

describe('a change by JSON', () => {
  test('answers the state and its revision, which is the ETag', async () => {
    const { post, take, list } = await openFlags();
    const set = await post({ value: { rollout: 25 }, reason: 'a quarter' });
    expect([set.status, set.headers['etag'], set.body]).toEqual([
      200,
      '"1"',
      expect.objectContaining({ ok: true, name: FLAG, value: { rollout: 25 }, revision: 1 }),
    ]);
    expect(set.body.override).toMatchObject({ by: 'ada', reason: 'a quarter' });
    const unset = await take();
    expect([unset.status, unset.headers['etag']]).toEqual([200, '"2"']);
    expect(unset.body).toMatchObject({ ok: true, value: false, revision: 2 });
    expect(unset.body).not.toHaveProperty('override');
    expect(await list()).toContainEqual(expect.objectContaining({ name: FLAG, revision: 2 }));
  });

  test('the value in an answer can be sent back as it is; a secret in a reason cannot', async () => {
    const { app, post, list } = await openFlags();
    const value = { rollout: 25, salt: 'second-try', variants: { key: 1, password: 3 } };
    await post({ value, reason: 'for postgres://ada:hunter2@db/app' }).expect(200);
    const shown = (await list()).find(({ name }: { name: string }) => name === FLAG);
    expect([shown.value, shown.override.value]).toEqual([value, value]);
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    await post({ value: shown.value }).expect(200);
    const [, second] = await trailOf(app, undefined, '&action=flag.set');
    expect(second?.detail).toEqual({ before: value, after: value });
  });

  test('the reason for taking an override back is kept, too; a member not known is refused', async () => {
    const { app, post, take } = await openFlags();
    await post({ value: true }).expect(200);
    await take().send({ why: 'over' }).expect(422);
    const { body } = await take().send({ reason: 'the trial is over' }).expect(200);
    expect(body.lastChange).toMatchObject({ by: 'ada', reason: 'the trial is over' });
    const [entry] = await trailOf(app, undefined, '&action=flag.unset');
    expect(entry?.detail).toMatchObject({ reason: 'the trial is over' });
  });

  test.each([
    ['the revision that there is', '"1"', 200],
    ['any revision', '*', 200],
    ['an earlier revision', '"0"', 412],
    ['a later revision', '"2"', 412],
    ['a weak tag, which never matches', 'W/"1"', 412],
    ['what is no revision', '1', 412],
    ['nothing', '', 412],
  ])('If-Match with %s (%s) is %i for POST and DELETE', async (_what, tag, status) => {
    for (const change of ['post', 'take'] as const) {
      const { flags, post, take } = await openFlags();
      await post({ value: true });
      const headers = { 'If-Match': tag };
      const answer = change === 'post' ? post({ value: false }, headers) : take(headers);
      const { body } = await answer.expect(status);
      const [isChanged, expected] =
        status === 200 ? [true, { revision: 2 }] : [false, problem(412, 'Precondition Failed')];
      expect([flags.isOn(FLAG), body]).toEqual([!isChanged, expect.objectContaining(expected)]);
    }
  });

  test('who comes too late leaves nothing in the audit trail that says done', async () => {
    const { app, post } = await openFlags();
    await post({ value: true }).expect(200);
    await post({ value: false }, { 'If-Match': '"0"' }).expect(412);
    const changes = await trailOf(app, undefined, '&action=flag.set');
    expect(changes.map(({ outcome }) => outcome)).toEqual(['done']);
  });

  test('of two that race from one revision one wins, and the other is told with 412', async () => {
    const { flags, post } = await openFlags();
    const race = await Promise.all(
      [true, { rollout: 50 }].map((value) => post({ value }, { 'If-Match': '"0"' })),
    );
    expect(race.map(({ status }) => status).sort()).toEqual([200, 412]);
    const winner = race.find(({ status }) => status === 200);
    expect(flags.list().find(({ name }) => name === FLAG)).toMatchObject({
      revision: 1,
      value: winner?.body.value,
    });
  });

  test('with ttlSeconds ends by itself, and tells when', async () => {
    const { flags, post } = await openFlags();
    const ended = new Promise((resolve) => {
      flags.onChange(() => !flags.isOn(FLAG) && resolve(undefined));
    });
    const { body } = await post({ value: true, ttlSeconds: 1 });
    expect(body.override.until).toBe(body.override.at + 1_000);
    expect(flags.isOn(FLAG)).toBe(true);
    await ended;
    expect(flags.explain(FLAG)).toMatchObject({ on: false, reason: 'expired override' });
  });

  const noValue = ['#/value', /^Send true, false, or an object/] as const;
  test.each<[what: string, body: object, pointer: string, detail: RegExp]>([
    ['a text', { value: 'true' }, ...noValue],
    ['a number', { value: 1 }, ...noValue],
    ['null', { value: null }, ...noValue],
    ['a list', { value: [true] }, ...noValue],
    ['nothing', {}, ...noValue],
    ['a rollout beyond 100', { value: { rollout: 101 } }, '#/value/rollout', /100/],
    ['an unknown member', { value: { rollout: 1, x: 2 } }, '#/value/x', /^Unknown member$/],
    ['an object of nothing', { value: {} }, '#/value', /needs rollout, variants or allow/],
    ['an end in no time', { value: true, ttlSeconds: 0 }, '#/ttlSeconds', />=1/],
    ['an end as a text', { value: true, ttlSeconds: '60' }, '#/ttlSeconds', /expected number/],
    ['an end in years', { value: true, ttlSeconds: 10 ** 9 }, '#/ttlSeconds', /Too big/],
    ['a reason that is none', { value: true, reason: 7 }, '#/reason', /expected string/],
    ['a reason with NUL', { value: true, reason: 'a\0b' }, '#/reason', /NUL/],
    ['a reason too long', { value: true, reason: 'x'.repeat(501) }, '#/reason', /500/],
    ['a list as the body', [true], '#', /expected object/],
  ])(
    '%s is 422, tells where and why, and changes nothing',
    async (_what, body, pointer, detail) => {
      const { flags, post } = await openFlags();
      const answer = await post(body);
      expect([answer.status, answer.type, answer.body.errors]).toEqual([
        422,
        'application/problem+json',
        [{ pointer, detail: expect.stringMatching(detail) }],
      ]);
      expect(flags.list().every(({ revision }) => revision === 0)).toBe(true);
    },
  );

  test.each(['FEATURE_UNHEARD_OF', 'feature_signup_v2', 'PORT', 'constructor', '__proto__', '%00'])(
    'of the undeclared %s is 404, whatever the body',
    async (name) => {
      const { post, submit, take } = await openFlags();
      const path = `/ops/flags/${name}`;
      for (const answer of [
        post({ value: true }, {}, path),
        post({ value: 'x' }, {}, path),
        take({}, path),
      ]) {
        expect((await answer).body).toEqual(problem(404, 'Not Found'));
      }
      expect(await submit({ value: 'true' }, {}, path)).toMatchObject({
        status: 404,
        type: 'text/html',
      });
    },
  );
});
