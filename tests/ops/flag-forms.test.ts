import { describe, expect, test } from 'vitest';
import { startUnleashServer, toggle } from '../support/unleash.ts';
import { FLAG, openFlags, PRODUCTION, problem } from './flag-switch.ts';

describe('in production', () => {
  test.each([
    ['without', {}],
    ['with an empty', { reason: '' }],
    ['with a blank', { reason: ' \t' }],
  ])('a change %s reason is refused with 422, by script and by form', async (_how, reason) => {
    const { flags, post, submit } = await openFlags(PRODUCTION);
    const { body } = await post({ value: true, ...reason }).expect(422);
    expect(body).toEqual(
      problem(422, 'Unprocessable Entity', {
        errors: [{ pointer: '#/reason', detail: expect.stringMatching(/^Say why/) }],
      }),
    );
    const page = await submit({ value: 'true', ...reason }).expect(422);
    expect(page.type).toBe('text/html');
    expect(page.text).toContain('Say why');
    expect(flags.isOn(FLAG)).toBe(false);
  });

  test('a change with one is made, and taking it back needs none', async () => {
    const { flags, post, submit, take } = await openFlags(PRODUCTION);
    await post({ value: true, reason: 'because' }).expect(200);
    await take().expect(200);
    await submit({ value: 'true', reason: 'because' }).expect(303);
    await submit({ value: '', revision: '3' }).expect(303);
    expect(flags.isOn(FLAG)).toBe(false);
  });
});

describe('a form', () => {
  test.each([
    [false, ['false']],
    [{ rollout: 25, variants: { a: 1 } }, ['rollout']],
    [{ variants: { a: 1, b: 3 } }, []],
  ])('for %o opens with what is in force, or with nothing chosen', async (value, chosen) => {
    const { flags, page } = await openFlags();
    await flags.set(FLAG, value, { by: 'ada' });
    const [panel = ''] = (await page()).text.match(/<dialog.*?<\/dialog>/s) ?? [];
    const checked = [...panel.matchAll(/value="(\w+)" required checked/g)].map(([, one]) => one);
    expect(checked).toEqual(chosen);
  });

  test('leads back to what a vendor says, where one does', async () => {
    const { flags, page } = await openFlags(await startUnleashServer(toggle(FLAG, true)));
    await flags.set(FLAG, false);
    const { text } = await page();
    expect(text).toContain(' over unleash: on');
    expect(text).toContain('Back to on (unleash)');
  });

  test.each([
    [{ value: 'true' }, true, 'on'],
    [{ value: 'false', rollout: '', ttl: '', reason: '' }, false, 'off'],
    [{ value: 'rollout', rollout: '25', ttl: '900' }, { rollout: 25 }, 'on for 25 %'],
    [{ value: 'rollout', rollout: '.25' }, { rollout: 0.25 }, 'on for 0.25 %'],
    [{ value: 'rollout', rollout: '0.5', revision: '0' }, { rollout: 0.5 }, 'on for 0.5 %'],
  ])('%o is done, and the page that it leads to tells so', async (fields, value, words) => {
    const { flags, submit, page } = await openFlags();
    const { status, headers, text } = await submit(fields);
    expect([status, headers['location'], headers['cache-control']]).toEqual([
      303,
      `/ops/flags?changed=${FLAG}&revision=1`,
      'no-store, max-age=0',
    ]);
    expect(text).not.toContain('csrf');
    expect(flags.list().find(({ name }) => name === FLAG)).toMatchObject({ value, revision: 1 });
    expect((await page(headers['location'])).text).toContain(`${FLAG} now: ${words}.`);
    expect((await page()).text).not.toContain('role="status"');
  });

  test('leads to a page that claims no state before its replica has heard of the change', async () => {
    const { flags, page } = await openFlags();
    const news = () => page(`/ops/flags?changed=${FLAG}&revision=2`);
    await flags.set(FLAG, false);
    expect((await news()).text).toContain(`${FLAG} now: changed, and here within seconds.`);
    await flags.set(FLAG, true);
    expect((await news()).text).toContain(`${FLAG} now: on.`);
  });

  test('with another share leaves everything else of the value as it is', async () => {
    const { flags, submit, post } = await openFlags();
    const rest = { salt: 'second-try', variants: { key: 1, b: 3 }, allow: ['ada'], deny: ['eve'] };
    await post({ value: { rollout: 25, ...rest } }).expect(200);
    await submit({ value: 'rollout', rollout: '50', revision: '1' }).expect(303);
    expect(flags.explain(FLAG).value).toEqual({ rollout: 50, ...rest });
  });

  test.each([
    ['an unknown state', { value: 'maybe' }, {}, 422, '#/value'],
    ['no state', {}, {}, 422, '#/value'],
    ['two states', { value: ['true', 'false'] }, {}, 422, '#/value'],
    [
      'a rollout of nothing',
      { value: 'rollout', rollout: '' },
      {},
      422,
      'Say for how many percent',
    ],
    ['a rollout beyond 100', { value: 'rollout', rollout: '101' }, {}, 422, '#/rollout'],
    ['a rollout in hex', { value: 'rollout', rollout: '0x19' }, {}, 422, '#/rollout'],
    ['a blank rollout', { value: 'rollout', rollout: ' ' }, {}, 422, '#/rollout'],
    ['a time limit in letters', { value: 'true', ttl: '1e3' }, {}, 422, '#/ttl'],
    ['a field that is not known', { value: 'true', colour: 'blue' }, {}, 422, '#/colour'],
    ['a revision of before', { value: 'true', revision: '7' }, {}, 412, 'Precondition Failed'],
    ['no token', { value: 'true', csrfToken: '' }, {}, 403, 'Forbidden'],
    ['another site', { value: 'true' }, { 'Sec-Fetch-Site': 'cross-site' }, 403, 'Forbidden'],
  ])(
    'with %s is a page that says so, and changes nothing',
    async (_what, fields, headers, status, words) => {
      const { flags, submit, page } = await openFlags();
      const answer = await submit(fields, headers);
      expect([answer.status, answer.type]).toEqual([status, 'text/html']);
      expect(answer.text).toContain(words);
      expect(answer.text).toContain('href="/ops/flags"');
      expect(answer.text).toContain(answer.headers['x-request-id']);
      expect(flags.list().every(({ revision }) => revision === 0)).toBe(true);
      expect((await page()).text).not.toContain('role="status"');
    },
  );
});
