import type { Settings } from '../../config/schema.ts';
import type { FlagState } from '../../flags/store.ts';
import { type Html, html } from '../../http/html.ts';
import { layout, tokenField, type Viewer } from './layout.ts';

/** Every flag with its state; an admin may change it. */
export function flagsPage(
  settings: Pick<Settings, 'APP_NAME' | 'ENV'>,
  flags: readonly FlagState[],
  viewer: Viewer,
): Html {
  return layout(settings, {
    title: 'Flags',
    viewer,
    content: html`<div class="scroll" role="region" aria-label="Flags" tabindex="0">
        <table>
          <thead><tr><th scope="col">Flag</th><th scope="col">Value</th><th scope="col">From</th>
            <th scope="col">Owner</th><th scope="col"><span class="hidden">Change</span></th></tr></thead>
          <tbody>${flags.map((flag) => row(flag, viewer))}</tbody>
        </table>
      </div>`,
  });
}

function row(flag: FlagState, viewer: Viewer): Html {
  const { name, value, source, description, owner } = flag;
  return html`<tr>
            <th scope="row"><code>${name}</code><br><small class="muted">${description}</small></th>
            <td><code>${JSON.stringify(value)}</code></td>
            <td>${source}</td>
            <td>${owner}</td>
            <td>${viewer.operator.role === 'admin' ? form(flag, viewer) : ''}</td>
          </tr>
          `;
}

function form({ name, source }: FlagState, viewer: Viewer): Html {
  const choices = [
    ['true', 'On'],
    ['false', 'Off'],
    ...(source === 'override' ? [['', 'Reset']] : []),
  ];
  return html`<form method="post" action="/ops/flags/${name}" class="choices">
              ${tokenField(viewer)}
              ${choices.map(
                ([value = '', label = '']) =>
                  html`<button name="value" value="${value}" aria-label="${label}: ${name}">${label}</button> `,
              )}
            </form>`;
}
