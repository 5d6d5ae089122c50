import { styleText } from 'node:util';
import { printable, showValue } from './mask.ts';

/** A line of `show-config` or `explain`: what it is about, its value, where that comes from. */
export interface Row {
  readonly name: string;
  readonly value: unknown;
  /** The value's origin, and those that it hides, nearest first. */
  readonly origins: readonly string[];
}

export interface Terminal {
  readonly columns: number;
  readonly colour: boolean;
}

const GAP = '  ';
const NARROWEST_VALUE = 16;
const PAGE = { columns: 100, colour: false };

/** Rows for a person: columns side by side where they fit, else one under the other. */
export function renderTable(rows: readonly Row[], { columns, colour }: Terminal = PAGE): string {
  const paint = (style: 'bold' | 'dim' | 'cyan', text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const widest = (text: (row: Row) => string) =>
    Math.max(0, ...rows.map((row) => text(row).length));
  const names = widest(({ name }) => name);
  const values = widest(({ value }) => showValue(value));
  const room = Math.min(values, columns - names - widest(originText) - 2 * GAP.length);
  const isWide = room >= Math.min(NARROWEST_VALUE, values);
  const lines = rows.flatMap((row) => {
    const shown = showValue(row.value);
    if (!isWide) {
      const below = [shown, originText(row)].flatMap((text) => wrap(text, columns - GAP.length));
      return [paint('bold', row.name), ...below.map((line) => GAP + line)];
    }
    const origin = printable(row.origins[0] ?? '');
    const [first = '', ...more] = wrap(shown, room);
    const from = paint('cyan', origin) + paint('dim', originText(row).slice(origin.length));
    return [
      [paint('bold', row.name.padEnd(names)), first.padEnd(room), from].join(GAP),
      ...more.map((text) => ' '.repeat(names) + GAP + text),
    ];
  });
  return lines.join('\n');
}

/** Rows for a program: sorted `KEY=value` lines, the origin behind `#` if asked for. */
export function renderLines(rows: readonly Row[], withOrigin: boolean): string {
  return rows
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map((row) => {
      const line = `${row.name}=${showValue(row.value)}`;
      return withOrigin ? `${line}  # ${originText(row)}` : line;
    })
    .join('\n');
}

function originText({ origins }: Row): string {
  return printable(origins.join(' > '));
}

function wrap(text: string, width: number): string[] {
  return text.match(new RegExp(`.{1,${Math.max(1, width)}}`, 'gu')) ?? [''];
}
