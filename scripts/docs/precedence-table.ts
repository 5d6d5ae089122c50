import { LAYERS } from '../../src/config/layers.ts';

/** The precedence as a Markdown table, from `layers.ts`. */
export function precedenceTable(): string {
  const rows = LAYERS.map(
    ({ name, holds, shownAs }, index) =>
      `| ${index + 1} | \`${name}\` | ${holds} | \`${shownAs}\` |`,
  );
  return ['| | layer | holds | an origin looks like |', '|---|---|---|---|', ...rows].join('\n');
}

/** Replace what stands between a page's `<!-- name -->` and `<!-- /name -->`. */
export function withSection(page: string, name: string, text: string): string {
  const [before, after] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [page.indexOf(before), page.indexOf(after)];
  if (start === -1 || end < start) throw new Error(`the page has no section ${name}`);
  return `${page.slice(0, start + before.length)}\n${text}\n${page.slice(end)}`;
}
