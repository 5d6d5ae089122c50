import type { Problem } from './model.ts';

/** The configuration was refused. `message` lists every problem, and never a value. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(title: string, problems: readonly Problem[]) {
    super(`${title}\n\n${problems.map(formatProblem).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
    // The stack leads nowhere: the fault is in a file or a variable, which the message names.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** A heading and every problem of a configuration as one error. */
export function configError(environment: string, problems: readonly Problem[]): ConfigError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new ConfigError(`The configuration for ${environment} has ${count}:`, problems);
}

/** One problem as a few indented lines: what, from where, over what, what to do. */
export function formatProblem(problem: Problem): string {
  const shadows = problem.shadows?.length ? [`    hides: ${problem.shadows.join(', ')}`] : [];
  return [
    `  ${problem.key} ${problem.reason}`,
    ...(problem.origin === undefined ? [] : [`    from:  ${problem.origin}`]),
    ...shadows,
    `    do:    ${problem.remedy}`,
  ].join('\n');
}

/** One problem as a sentence, for a log line. */
export function summarizeProblem(problem: Problem): string {
  const from = problem.origin === undefined ? '' : ` (${problem.origin})`;
  return `${problem.key} ${problem.reason}${from}: ${problem.remedy}`;
}
