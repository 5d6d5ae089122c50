import type { Settings } from '../../config/schema.ts';
import { assetIntegrity, assetUrl } from '../../http/assets.ts';
import { Html, html } from '../../http/html.ts';
import type { Operator } from '../operators.ts';

export interface Viewer {
  readonly operator: Operator;
  /** Goes into every form. */
  readonly csrfToken: string;
  /** What the form that was just sent has done. */
  readonly notice?: string | undefined;
}

interface Page {
  readonly title: string;
  /** The section that it belongs to. */
  readonly section?: string;
  readonly viewer?: Viewer | undefined;
  /** Links beside the title. */
  readonly actions?: Html | false;
  readonly content: Html;
}

const STYLES = ['strata.css', 'ops.css', 'ops-forms.css', 'ops-data.css', 'ops-parts.css'];
const SECTIONS = [
  ['/ops', 'Overview'],
  ['/ops/config', 'Configuration'],
  ['/ops/flags', 'Flags'],
  ['/ops/audit', 'Audit'],
] as const;

/** The frame of every operator's page: where you are, who you are, the way out. */
export function layout(
  { APP_NAME, ENV }: Pick<Settings, 'APP_NAME' | 'ENV'>,
  { title, section, viewer, actions, content }: Page,
): Html {
  const page = html`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · ${APP_NAME} ${ENV}</title>
    <link rel="icon" href="${assetUrl('icon.svg')}" type="image/svg+xml">
    ${STYLES.map(
      (name) =>
        html`<link rel="stylesheet" href="${assetUrl(name)}" integrity="${assetIntegrity(name)}">
    `,
    )}<script src="${assetUrl('ops.js')}" integrity="${assetIntegrity('ops.js')}" defer></script>
  </head>
  <body class="console${viewer ? '' : ' gate'}" data-environment="${ENV}">
    <a class="skip" href="#content">Skip to the content</a>
    <header class="side">
      <p class="brand"><img src="${assetUrl('icon.svg')}" alt="" width="20" height="20"> ${APP_NAME}</p>
      <p class="environment" data-environment="${ENV}">${ENV}</p>
      ${viewer && menu(viewer, section)}
    </header>
    <main class="content" id="content" tabindex="-1">
      ${viewer?.notice && html`<p class="notice" role="status">${viewer.notice}</p>`}
      <div class="heading"><h1>${title}</h1>${actions}</div>
      ${content}
    </main>
  </body>
</html>
`;
  // What was not there leaves the space around it.
  return new Html(page.markup.replace(/[ \t]+$|^\s*\n/gm, ''));
}

/** The hidden field that proves a form is ours. */
export function tokenField({ csrfToken }: Viewer): Html {
  return html`<input type="hidden" name="csrfToken" value="${csrfToken}">`;
}

function menu(viewer: Viewer, section?: string): Html {
  const { username, role } = viewer.operator;
  const current = (href: string) => href === section && html` aria-current="page"`;
  return html`<nav aria-label="Sections">
        ${SECTIONS.map(([href, name]) => html`<a href="${href}"${current(href)}>${name}</a> `)}
      </nav>
      <form method="post" action="/ops/logout" class="who">
        ${tokenField(viewer)}
        <span>${username} <span class="muted">${role}</span></span>
        <button type="submit" class="quiet">Log out</button>
      </form>`;
}
