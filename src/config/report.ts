import { duration } from './duration.ts';
import type { Loaded } from './load.ts';
import { printable, showValue } from './mask.ts';
import { declaration, type KeyName } from './schema.ts';
import { hiddenInStores } from './shadows.ts';
import { renderLines, renderTable, type Terminal } from './table.ts';
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
  { json, origin = false, terminal }: ReportOptions,
): string {
  const masked = maskedValues(loaded);
  if (json) {
    const shown = (key: string) =>
      origin ? { value: masked[key], origin: originOf(loaded, key) ?? null } : masked[key];
    return toJson(Object.fromEntries(keys.map((key) => [key, shown(key)])));
  }
  const rows = keys.map((name) => {
    const said = loaded.contributions.get(name) ?? [{ source: '-' }];
    return { name, value: masked[name], origins: said.map(({ source }) => source).reverse() };
  });
  return terminal === undefined ? renderLines(rows, origin) : renderTable(rows, terminal);
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
    origins: [changedAt === undefined ? source : `${source} (changed ${ago(changedAt)})`],
  }));
  return renderTable(rows, terminal);
}

/** How each source answered. */
export function reportSources({ sources }: Loaded, { json, terminal }: ReportOptions): string {
  if (json) return toJson(sources);
  const rows = sources.map(({ layer, source, status, keys, attempts, reason, loadedAt }) => {
    const facts = [
      status === 'fresh' && `${keys} ${keys === 1 ? 'key' : 'keys'}, ${ago(loadedAt)}`,
      attempts > 1 && `${attempts} attempts`,
      reason,
    ].filter(Boolean);
    const origin = facts.length === 0 ? source : `${source} (${facts.join(', ')})`;
    return { name: layer, value: status, origins: [origin] };
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
    .map((it) => `${it.key} differs in ${it.source}, still overridden by ${it.hiddenBy}`)
    .map(printable);
}

/** A key's own sentence, and what kind of key it is. */
export function describeKey(key: KeyName): string {
  const { visibility, reload, doc } = declaration(key) ?? {};
  return `${key} (${visibility}, ${reload}): ${doc}`;
}

function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
