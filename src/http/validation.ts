import type { z } from 'zod';
import { HttpProblem } from './problem.ts';

/**
 * Check what a client sent, and return it typed.
 * @throws {HttpProblem} 422 with a JSON pointer and a sentence for each faulty field
 */
export function validated<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new HttpProblem(422, {
    errors: result.error.issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return at(issue.path, issue.message);
      return issue.keys.map((key) => at([...issue.path, key], 'Unknown member'));
    }),
  });
}

// https://www.rfc-editor.org/rfc/rfc6901#section-6
function at(path: readonly PropertyKey[], detail: string) {
  const parts = path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'));
  return { pointer: `#${parts.map((part) => `/${encodeURIComponent(part)}`).join('')}`, detail };
}
