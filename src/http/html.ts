/** Markup that is safe to send: text only becomes it by being escaped. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Content = string | number | Html | false | null | undefined | readonly Content[];

const ENTITIES: Record<string, string> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": '#39',
};

/**
 * A template whose every inserted text is escaped; only other templates go in as they are.
 * What is `undefined`, `null` or `false` inserts nothing.
 */
export function html(strings: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(String.raw({ raw: strings }, ...contents.map(toMarkup)));
}

function toMarkup(content: Content): string {
  if (content === undefined || content === null || content === false) return '';
  if (content instanceof Html) return content.markup;
  if (Array.isArray(content)) return content.map(toMarkup).join('');
  return String(content).replace(/[&<>"']/g, (character) => `&${ENTITIES[character]};`);
}
