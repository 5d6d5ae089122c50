import type { Settings } from '../../config/schema.ts';
import { type Html, html } from '../../http/html.ts';
import { layout } from './layout.ts';

/** The way in. */
export function loginPage(
  settings: Pick<Settings, 'APP_NAME' | 'ENV'>,
  { next, fault }: { next: string; fault?: string },
): Html {
  return layout(settings, {
    title: 'Log in',
    content: html`<form method="post" action="/ops/login" class="card">
        ${fault && html`<p class="fault" role="alert">${fault}</p>`}
        <input type="hidden" name="next" value="${next}">
        <label for="username">Username</label>
        <input id="username" name="username" type="text" autocomplete="username" required
          maxlength="64" autofocus>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required
          maxlength="1024">
        <button type="submit" class="primary">Log in</button>
      </form>`,
  });
}
