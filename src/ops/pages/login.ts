import { html } from '../../http/html.ts';
import type { Page } from './layout.ts';

/** The way in. */
export function loginPage({ next, fault }: { next: string; fault?: string }): Page {
  return {
    title: 'Log in',
    content: html`<form method="post" action="/ops/login">
        ${fault && html`<p class="bad" role="alert">${fault}</p>`}
        <input type="hidden" name="next" value="${next}">
        <label>Username <input name="username" type="text" maxlength="64" required
          autocomplete="username" autofocus></label>
        <label>Password <input name="password" type="password" maxlength="1024" required
          autocomplete="current-password"></label>
        <button type="submit" class="primary">Log in</button>
      </form>`,
  };
}
