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
    errors: result.error.issues.map((issue) => ({
      pointer: `#${issue.path.map((part) => `/${escapePointer(String(part))}`).join('')}`,
      detail: issue.message,
    })),
  });
}

// https://www.rfc-editor.org/rfc/rfc6901
function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
