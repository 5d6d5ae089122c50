import { summarizeProblem } from '../../config/problem.ts';
import type { Settings } from '../../config/schema.ts';
import type { ShownProblem } from '../../http/errors.ts';
import { type Html, html } from '../../http/html.ts';
import { layout, type Viewer } from './layout.ts';

/** A problem, for eyes: what it is, what was wrong, the way on. */
export function problemPage(
  settings: Pick<Settings, 'APP_NAME' | 'ENV'>,
  { status, title, detail, errors = [], problems = [], requestId }: ShownProblem,
  viewer: Viewer | undefined,
): Html {
  const [href, name] = viewer === undefined ? ['/ops/login', 'Log in'] : ['/ops', 'Overview'];
  return layout(settings, {
    title,
    viewer,
    content: html`${detail && html`<p class="lead">${detail}</p>`}
      ${
        errors.length > 0 &&
        html`<ul class="points">${errors.map(
          (error) => html`<li><code>${error.pointer}</code> ${error.detail}</li>`,
        )}</ul>`
      }
      ${problems.length > 0 && html`<ul class="points">${problems.map((one) => html`<li>${summarizeProblem(one)}</li>`)}</ul>`}
      <p class="muted">Status ${status}, request <code data-copy>${requestId}</code></p>
      <p><a href="${href}">${name}</a></p>`,
  });
}
