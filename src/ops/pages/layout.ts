import type { Settings } from '../../config/schema.ts';
import { assetIntegrity, assetUrl } from '../../http/assets.ts';
import { Html, html } from '../../http/html.ts';
import type { Operator } from '../operators.ts';
import { form, muted } from './parts.ts';

export interface Viewer {
  readonly operator: Operator;
  /** Goes into every form. */
  readonly csrfToken: string;
}

export interface Page {
  readonly title: string;
  /** The section that it belongs to, where that is not the title. */
  readonly section?: keyof typeof SECTIONS;
  /** Links beside the title. */
  readonly actions?: Html | false;
  /** What the form that led here has done. */
  readonly notice?: string | false | undefined;
  readonly content: Html;
}

const SECTIONS = {
  Overview: '/ops',
  Configuration: '/ops/config',
  Flags: '/ops/flags',
  Audit: '/ops/audit',
};

/** The frame of every operator's page: where you are, who you are, the way out. */
export function layout(settings: Settings, page: Page, viewer?: Viewer): Html {
  const { APP_NAME, ENV } = settings;
  const { title, section, actions, notice, content } = page;
  const up =
    section && html`<span class="muted"><a href="${SECTIONS[section]}">${section}</a> ›</span>`;
  const style = (name: string) =>
    html`<link rel="stylesheet" href="${assetUrl(name)}" integrity="${assetIntegrity(name)}">`;
  const frame = html`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · ${APP_NAME} ${ENV}</title>
    <link rel="icon" href="${assetUrl('icon.svg')}" type="image/svg+xml">
    ${style('strata.css')}
    ${style('ops.css')}
    <script src="${assetUrl('ops.js')}" integrity="${assetIntegrity('ops.js')}" defer></script>
  </head>
  <body data-environment="${ENV}">
    <a class="skip button" href="#content">Skip to the content</a>
    <header>
      <img src="${assetUrl('icon.svg')}" alt="" width="20" height="20"> <strong>${APP_NAME}</strong>
      <span class="environment" data-environment="${ENV}">${ENV}</span>
      ${viewer && menu(viewer, section ?? title)}
    </header>
    <main id="content" tabindex="-1"${!viewer && html` class="card"`}>
      ${notice && html`<p class="card notice" role="status">${notice}</p>`}
      <div class="row">${up} <h1>${title}</h1>${actions}</div>
      ${content}
    </main>
  </body>
</html>
`;
  // What was not there leaves the space around it.
  return new Html(frame.markup.replace(/[ \t]+$|^\s*\n/gm, ''));
}

function menu(viewer: Viewer, section: string): Html {
  const { username, role } = viewer.operator;
  const link = ([name, href]: [string, string]) =>
    html`<a href="${href}"${name === section && html` aria-current="page"`}>${name}</a>\n`;
  const leave = html`<span>${username} ${muted(role)}</span>
        <button type="submit">Log out</button>`;
  return html`<nav aria-label="Sections">${Object.entries(SECTIONS).map(link)}</nav>
      ${form('/ops/logout', viewer, leave)}`;
}
