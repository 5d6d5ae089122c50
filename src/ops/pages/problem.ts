import { summarizeProblem } from '../../config/problem.ts';
import type { ShownProblem } from '../../http/errors.ts';
import { html } from '../../http/html.ts';
import type { Page } from './layout.ts';
import { points } from './parts.ts';

/** A problem, for eyes: what it is, what was wrong, the way on. */
export function problemPage(problem: ShownProblem, isLoggedIn: boolean): Page {
  const { status, title, detail, errors = [], problems = [], requestId } = problem;
  const faults = [
    ...errors.map((error) => html`<code>${error.pointer}</code> ${error.detail}`),
    ...problems.map(summarizeProblem),
  ];
  const [href, name] = isLoggedIn ? ['/ops', 'Overview'] : ['/ops/login', 'Log in'];
  return {
    title,
    actions: html`<a class="button" href="${href}">${name}</a>`,
    content: html`${detail && html`<p class="lead">${detail}</p>`}
      ${faults.length > 0 && points(faults)}
      <p class="muted">Status ${status}, request <code data-copy>${requestId}</code></p>`,
  };
}
