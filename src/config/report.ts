import { duration } from './duration.ts';
import type { Loaded } from './load.ts';
import { maskText, showValue } from './mask.ts';
import type { SourceStatus } from './model.ts';
import { declaration, type KeyName } from './schema.ts';
import { hiddenInStores } from './shadows.ts';
import { type Row, renderLines, renderTable, type Terminal } from './table.ts';
import { explainKey, maskedValues, originOf } from './view.ts';

export interface ReportOptions {
  /** Print JSON. */
  readonly json?: boolean;
  /** Give origins where they are not given anyway. */
  readonly origin?: boolean;
  /** Where a person reads along; without one the lines are for a program. */
  readonly terminal?: Terminal | undefined;
}

/** Some keys' values, masked, and where they come from. */
export function reportValues(
  loaded: Loaded,
  keys: readonly string[],
  { json, origin, terminal }: ReportOptions,
): string {
  const masked = maskedValues(loaded);
  if (json) {
    const shown = (key: string) =>
      origin ? { value: masked[key], origin: originOf(loaded, key) ?? null } : masked[key];
    return toJson(Object.fromEntries(keys.map((key) => [key, shown(key)])));
  }
  const rows = keys.map((key): Row => {
    const sources = (loaded.contributions.get(key) ?? []).map(({ source }) => source);
    const over = sources.slice(0, -1).reverse();
    return { name: key, value: masked[key], origin: sources.at(-1) ?? '-', over };
  });
  return terminal === undefined ? renderLines(rows, origin === true) : renderTable(rows, terminal);
}

/** What every layer says about a key, the winner first. */
export function reportStory(
  loaded: Loaded,
  key: KeyName,
  { json, terminal }: ReportOptions,
): string {
  const said = explainKey(loaded, key);
  if (json) return toJson(said);
  const rows = said.map(({ layer, source, value, fingerprint, changedAt }, index) => ({
    name: `${index === 0 ? 'wins ' : '     '} ${layer}`,
    value: fingerprint === undefined ? value : `${showValue(value)} [${fingerprint}]`,
    origin: changedAt === undefined ? source : `${source} (changed ${ago(changedAt)})`,
  }));
  return renderTable(rows, terminal);
}

/** How each source answered. */
export function reportSources(
  sources: readonly SourceStatus[],
  { json, terminal }: ReportOptions,
): string {
  if (json) return toJson(sources);
  const rows = sources.map(({ layer, source, status, keys, attempts, reason, loadedAt }) => {
    const facts = [
      ...(status === 'fresh' ? [keys === 1 ? '1 key' : `${keys} keys`, ago(loadedAt)] : []),
      ...(attempts > 1 ? [`${attempts} attempts`] : []),
      ...(reason === undefined ? [] : [maskText(reason)]),
    ];
    const origin = facts.length === 0 ? source : `${source} (${facts.join(', ')})`;
    return { name: layer, value: status, origin };
  });
  return renderTable(rows, terminal);
}

function ago(time: number): string {
  return `${duration((Date.now() - time) / 1000)} ago`;
}

/** A line for each value in a store that is not the one in use: of one key, or of all. */
export function reportHidden(loaded: Loaded, only?: KeyName): string[] {
  return hiddenInStores(loaded)
    .filter(({ key }) => only === undefined || key === only)
    .map(
      ({ key, source, hiddenBy }) => `${key} differs in ${source}, still overridden by ${hiddenBy}`,
    );
}

/** A key's own sentence, and what kind of key it is. */
export function describeKey(key: KeyName): string {
  const { visibility, reload, doc } = declaration(key) ?? {};
  return `${key} (${visibility}, ${reload}): ${doc}`;
}

function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
