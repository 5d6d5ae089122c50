import { styleText } from 'node:util';
import { showValue } from './mask.ts';

/** A line of `show-config` or `explain`: what it is about, its value, where that comes from. */
export interface Row {
  readonly name: string;
  readonly value: unknown;
  readonly origin: string;
  /** What the value hides, nearest first. */
  readonly over?: readonly string[];
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
  const name = widest(rows.map((row) => row.name));
  const origin = widest(rows.map(originText));
  const value = Math.min(
    widest(rows.map((row) => showValue(row.value))),
    columns - name - origin - 2 * GAP.length,
  );
  const isWide =
    value >= Math.min(NARROWEST_VALUE, widest(rows.map((row) => showValue(row.value))));
  return rows
    .map((row) => {
      const from = paint('cyan', row.origin) + paint('dim', overText(row));
      const shown = showValue(row.value);
      if (!isWide) {
        const lines = [shown, originText(row)].flatMap((text) => wrap(text, columns - GAP.length));
        return [paint('bold', row.name), ...lines.map((line) => GAP + line)].join('\n');
      }
      const [first = '', ...more] = wrap(shown, value);
      const head = paint('bold', row.name.padEnd(name)) + GAP + first.padEnd(value) + GAP + from;
      return [head, ...more.map((text) => ' '.repeat(name) + GAP + text)].join('\n');
    })
    .join('\n');
}

/** Rows for a program: sorted `KEY=value` lines, the origin behind `#` if asked for. */
export function renderLines(rows: readonly Row[], withOrigin: boolean): string {
  return [...rows]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((row) => {
      const line = `${row.name}=${showValue(row.value)}`;
      return withOrigin ? `${line}  # ${originText(row)}` : line;
    })
    .join('\n');
}

function originText(row: Row): string {
  return row.origin + overText(row);
}

function overText({ over = [] }: Row): string {
  return over.length === 0 ? '' : ` > ${over.join(' > ')}`;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}

function wrap(text: string, width: number): string[] {
  return text.match(new RegExp(`.{1,${Math.max(1, width)}}`, 'gu')) ?? [''];
}
