import { nearest } from '../did-you-mean.ts';
import { mergeValues } from '../merge.ts';
import { ENVIRONMENT_NAMES, type EnvironmentName } from '../model.ts';
import { copyPlain, isPlainObject, type PlainObject } from '../plain.ts';
import type { InstanceFile } from './instance.ts';

const TABLES: readonly string[] = ['default', ...ENVIRONMENT_NAMES];

/** Read the text of `config.toml`: the table `[default]`, then the one of the environment over it. */
export async function readToml(text: string, environment: EnvironmentName): Promise<InstanceFile> {
  const { parse, TomlError } = await import('smol-toml');
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    // The parser's message quotes the file.
    const line = error instanceof TomlError ? ` in line ${error.line}` : '';
    const remedy = 'correct the file; its text is not shown here';
    return { reason: `is not valid TOML${line}`, remedy };
  }
  const tables = new Map<string, PlainObject>();
  for (const [name, table] of Object.entries(copyPlain(parsed) as PlainObject)) {
    if (!TABLES.includes(name) || !isPlainObject(table)) return outsideTables(name);
    tables.set(name, table);
  }
  const base = tables.get('default') ?? {};
  const own = Object.entries(tables.get(environment) ?? {});
  const merged = own.map(([key, value]) => [key, mergeValues(key, base[key], value)]);
  return { values: { ...base, ...Object.fromEntries(merged) } };
}

function outsideTables(name: string): InstanceFile {
  const near = nearest(name, TABLES);
  const reason =
    near === undefined
      ? 'has something outside of its tables'
      : `has a table that is not known; did you mean [${near}]?`;
  return { reason, remedy: `put every key into one of [${TABLES.join('], [')}]` };
}
