import { printable } from './mask.ts';
import type { Problem } from './model.ts';

/** The configuration was refused. `message` lists every problem, and never a value. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];
  /** What was found beside them, and may be the reason. */
  readonly warnings: readonly Problem[];

  constructor(title: string, problems: readonly Problem[], warnings: readonly Problem[] = []) {
    super(`${title}\n\n${problems.map(formatProblem).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
    this.warnings = warnings;
    // The stack leads nowhere: the fault is in a file or a variable, which the message names.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** One problem as a few indented lines: what, from where, over what, what to do. */
export function formatProblem({ key, reason, origin, shadows = [], remedy }: Problem): string {
  const from = origin === undefined ? [] : [`    from:  ${origin}`];
  const hides = shadows.length === 0 ? [] : [`    hides: ${shadows.join(', ')}`];
  // A file may be named as it likes.
  const lines = [`  ${key} ${reason}`, ...from, ...hides, `    do:    ${remedy}`].map(printable);
  return lines.join('\n');
}

/** One problem as a sentence, for a log line. */
export function summarizeProblem({ key, reason, origin, remedy }: Problem): string {
  return printable(`${key} ${reason}${origin === undefined ? '' : ` (${origin})`}: ${remedy}`);
}

/**
 * What a program says when it ends with an error. Only our own messages are shown: a library's may
 * quote a value, and the place in the code is enough to find the fault.
 */
export function describeFailure(error: unknown, heading: string): string {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof Error)) return heading;
  const frames = String(error.stack)
    .split('\n')
    .filter((line) => /^\s+at .+:\d+\)?$/.test(line));
  return [`${heading} (${codeOf(error) ?? error.name})`, ...frames].join('\n');
}

/** Node's own code of an error, or of what caused it. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,48}$/.test(code)) return code;
  return codeOf(error.cause);
}
