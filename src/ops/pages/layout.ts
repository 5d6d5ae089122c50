import type { Settings } from '../../config/schema.ts';
import { assetUrl } from '../../http/assets.ts';
import { type Html, html } from '../../http/html.ts';
import type { Operator } from '../operators.ts';

export interface Viewer {
  readonly operator: Operator;
  /** Goes into every form. */
  readonly csrfToken: string;
}

interface Page {
  readonly title: string;
  readonly viewer?: Viewer;
  readonly content: Html;
}

const SECTIONS = [
  ['/ops/config', 'Configuration'],
  ['/ops/flags', 'Flags'],
] as const;

/** The frame of every operator's page: where you are, who you are, the way out. */
export function layout(
  { APP_NAME, ENV }: Pick<Settings, 'APP_NAME' | 'ENV'>,
  { title, viewer, content }: Page,
): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · ${APP_NAME} ${ENV}</title>
    <link rel="icon" href="${assetUrl('icon.svg')}" type="image/svg+xml">
    <link rel="stylesheet" href="${assetUrl('strata.css')}">
    <link rel="stylesheet" href="${assetUrl('ops.css')}">
  </head>
  <body>
    <header class="bar">
      <p class="brand">${APP_NAME} <span class="environment" data-environment="${ENV}">${ENV}</span></p>
      ${viewer === undefined ? '' : menu(viewer)}
    </header>
    <main class="page page-wide">
      <h1 class="title">${title}</h1>
      ${content}
    </main>
  </body>
</html>
`;
}

/** The hidden field that proves a form is ours. */
export function tokenField({ csrfToken }: Viewer): Html {
  return html`<input type="hidden" name="csrfToken" value="${csrfToken}">`;
}

function menu(viewer: Viewer): Html {
  const { username, role } = viewer.operator;
  return html`<nav aria-label="Sections">
        ${SECTIONS.map(([href, name]) => html`<a href="${href}">${name}</a> `)}
      </nav>
      <form method="post" action="/ops/logout" class="who">
        ${tokenField(viewer)}
        <span class="muted">${username}, ${role}</span>
        <button>Log out</button>
      </form>`;
}
