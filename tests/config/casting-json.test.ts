import { expect, test } from 'vitest';
import { loadWorld, type World } from '../support/app.ts';

/** One key's value, and what was said about it. */
async function read(key: string, world: World) {
  const { values, problems } = await loadWorld(world);
  return { value: values[key], problems };
}

const app = (key: string, text: string): World => ({ vars: { [`APP_${key}`]: text } });

test.each([
  ['CORS_ORIGINS', '["https://a.example"]', ['https://a.example']],
  ['CORS_ORIGINS', ' [ ] ', []],
  ['SECRET_KEY_FALLBACKS', '["0123","1e5"]', ['0123', '1e5']],
  ['FEATURE_SIGNUP_V2', '{"rollout": 12.5}', { rollout: 12.5 }],
  ['FEATURE_SIGNUP_V2', '{"variants": {"a": 50, "b": 50}}', { variants: { a: 50, b: 50 } }],
])('%s takes the JSON %s', async (key, text, value) => {
  expect(await read(key, app(key, text))).toEqual({ value, problems: [] });
});

test.each([
  [
    'SECRET_KEY_FALLBACKS',
    'abc',
    'is not valid JSON: expects a JSON list; each item text, not empty',
  ],
  [
    'SECRET_KEY_FALLBACKS',
    'a,b',
    'is not valid JSON: expects a JSON list; each item text, not empty',
  ],
  [
    'SECRET_KEY_FALLBACKS',
    '["a",]',
    'is not valid JSON: expects a JSON list; each item text, not empty',
  ],
  ['SECRET_KEY_FALLBACKS', '"abc"', 'expects a JSON list; each item text, not empty'],
  ['SECRET_KEY_FALLBACKS', 'null', 'expects a JSON list; each item text, not empty'],
  ['SECRET_KEY_FALLBACKS', '{"0":"a"}', 'expects a JSON list; each item text, not empty'],
  [
    'RATE_LIMIT',
    '{MAX: 5}',
    'is not valid JSON: expects a JSON object with WINDOW_SECONDS, MAX, LOGIN',
  ],
  ['RATE_LIMIT', '[]', 'expects a JSON object with WINDOW_SECONDS, MAX, LOGIN'],
  ['RATE_LIMIT', 'null', 'expects a JSON object with WINDOW_SECONDS, MAX, LOGIN'],
  [
    'FEATURE_SIGNUP_V2',
    '50',
    'expects true, false or a JSON object with rollout (0-100), variants ({"name": weight}), allow, deny, salt',
  ],
  [
    'FEATURE_SIGNUP_V2',
    '"true"',
    'expects true, false or a JSON object with rollout (0-100), variants ({"name": weight}), allow, deny, salt',
  ],
])('%s refuses the JSON %s', async (key, text, reason) => {
  const { problems } = await read(key, app(key, text));
  expect(problems.map((problem) => [problem.key, problem.reason])).toEqual([[key, reason]]);
});

test('a string where a list is expected does not become a list of characters', async () => {
  for (const world of [app('CORS_ORIGINS', 'ab'), { overrides: { CORS_ORIGINS: 'ab' } }]) {
    const { value, problems } = await read('CORS_ORIGINS', world);
    expect(value).not.toEqual(['a', 'b']);
    expect(problems).toHaveLength(1);
  }
});
