import { ConfigError } from './problem.ts';

/**
 * What a program says when it ends with an error. Only our own messages are shown: a library's may
 * quote a value, and the place in the code is enough to find the fault.
 */
export function describeFailure(error: unknown, heading: string): string {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof Error)) return heading;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [`${heading} (${error.name})`, ...frames].join('\n');
}
