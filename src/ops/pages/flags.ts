import type { Settings } from '../../config/schema.ts';
import type { FlagState } from '../../flags/store.ts';
import { type Html, html } from '../../http/html.ts';
import { layout, tokenField, type Viewer } from './layout.ts';
import { table } from './parts.ts';

/** Every flag with its state; an admin may change it. */
export function flagsPage(
  settings: Pick<Settings, 'APP_NAME' | 'ENV'>,
  flags: readonly FlagState[],
  viewer: Viewer,
): Html {
  return layout(settings, {
    title: 'Flags',
    section: '/ops/flags',
    viewer,
    content: table(
      'Flags',
      ['Flag', 'Value', 'From', 'Owner', 'Change'],
      flags.map((flag) => row(flag, viewer)),
    ),
  });
}

function row(flag: FlagState, viewer: Viewer): Html {
  const { name, value, source, description, owner } = flag;
  return html`<tr>
            <th scope="row"><code>${name}</code> <small>${description}</small></th>
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
                  html`<button type="submit" name="value" value="${value}" aria-label="${label}: ${name}">${label}</button> `,
              )}
            </form>`;
}
