import type { Settings } from '../config/schema.ts';
import { assetUrl } from '../http/assets.ts';
import { type Html, html } from '../http/html.ts';

const LINKS = [
  ['/livez', 'Liveness', 'the process answers'],
  ['/readyz', 'Readiness', 'the app wants requests'],
  ['/api/greetings?name=Ada', 'A JSON route', 'with a checked query'],
  ['/api/greetings', 'The same, unhappy', 'what a faulty request gets'],
] as const;

const COMMANDS = [
  ['npm run show-config', 'what it is configured with'],
  ['npm run explain -- PORT', 'where one value comes from'],
  ['npm run check-config -- --env production', 'what production would refuse'],
] as const;

/** The page that a newcomer sees first. */
export function homePage({ APP_NAME, ENV }: Pick<Settings, 'APP_NAME' | 'ENV'>): Html {
  return page(
    APP_NAME,
    html`      <header class="masthead">
        <span class="environment" data-environment="${ENV}">${ENV}</span>
        <h1>${APP_NAME}</h1>
        <p class="lead">It runs. It can always say what it is configured with, where each value came
          from and who may change it, without ever showing a secret.</p>
      </header>
      <div class="columns">
        <section aria-labelledby="look">
          <h2 id="look">Look</h2>
          <ul>${LINKS.map(
            ([href, name, about]) =>
              html`<li><a href="${href}">${name}</a> <small>${about}</small></li>`,
          )}</ul>
        </section>
        <section aria-labelledby="ask">
          <h2 id="ask">Ask</h2>
          <ul>${COMMANDS.map(
            ([command, about]) => html`<li><code>${command}</code> <small>${about}</small></li>`,
          )}</ul>
        </section>
      </div>
      <footer class="muted">This page is <code>src/demo/</code>. Change it, or delete it.</footer>
`,
  );
}

/** What a flag hides until it is on. */
export function signupPage({ APP_NAME }: Pick<Settings, 'APP_NAME'>): Html {
  return page(
    `Sign up for ${APP_NAME}`,
    html`<h1>Sign up for ${APP_NAME}</h1>
      <p class="lead">The new page, seen only where <code>FEATURE_SIGNUP_V2</code> is on.</p>`,
  );
}

/** An experiment: each visitor gets one variant, or the page as everybody knows it. */
export function checkoutPage({ APP_NAME }: Pick<Settings, 'APP_NAME'>, variant = 'plain'): Html {
  return page(
    `Checkout at ${APP_NAME}`,
    html`<h1>Checkout</h1>
      <p class="lead">All on one page, in its variant <code>${variant}</code>.</p>`,
  );
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <link rel="icon" href="${assetUrl('icon.svg')}" type="image/svg+xml">
    <link rel="stylesheet" href="${assetUrl('strata.css')}">
  </head>
  <body>
    <main class="page">
      ${content}
    </main>
  </body>
</html>
`;
}
