import { duration } from '../../config/duration.ts';
import { summarizeProblem } from '../../config/problem.ts';
import type { ShownProblem } from '../../http/errors.ts';
import { html } from '../../http/html.ts';
import type { Page } from './layout.ts';
import { points } from './parts.ts';

// For who wonders; the routes themselves say no more than a script must know.
const HINTS: Readonly<Record<number, string>> = {
  403: 'Your role does not allow that.',
  412: 'Somebody else was faster. Look at what it is now, and decide again.',
  429: 'Your network asks more often than is allowed.',
  503: 'Something that this needs does not answer.',
};

/** A problem, for eyes: what it is, what was wrong, the way on; `retryAfter` in seconds. */
export function problemPage(problem: ShownProblem, isLoggedIn: boolean, retryAfter?: string): Page {
  const { status, title, detail = HINTS[status], errors = [], problems = [], requestId } = problem;
  const faults = [
    ...errors.map((error) => html`<code>${error.pointer}</code> ${error.detail}`),
    ...problems.map(summarizeProblem),
  ];
  const again = retryAfter && `Try again in ${duration(Number(retryAfter))}.`;
  const [href, name] = isLoggedIn ? ['/ops', 'Overview'] : ['/ops/login', 'Log in'];
  return {
    title,
    actions: html`<a class="button" href="${href}">${name}</a>`,
    content: html`${detail && html`<p class="lead">${detail} ${again}</p>`}
      ${faults.length > 0 && points(faults)}
      <p class="muted">Status ${status}, request <code data-copy>${requestId}</code></p>`,
  };
}
