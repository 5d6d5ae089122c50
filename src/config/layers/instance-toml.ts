import { nearest } from '../did-you-mean.ts';
import { mergeValues } from '../merge.ts';
import { ENVIRONMENT_NAMES, type EnvironmentName } from '../model.ts';
import { copyPlain, isPlainObject, NotPlainError, type PlainObject } from '../plain.ts';
import type { InstanceFile } from './instance.ts';

const TABLES: readonly string[] = ['default', ...ENVIRONMENT_NAMES];

/** Read `config.toml`: the table `[default]`, then the one of the environment over it. */
export async function readToml(
  _path: string,
  text: string,
  environment: EnvironmentName,
): Promise<InstanceFile> {
  const { parse, TomlError } = await import('smol-toml');
  let tables: PlainObject;
  try {
    tables = copyPlain(parse(text)) as PlainObject;
  } catch (error) {
    if (error instanceof NotPlainError) return fault(error.message, 'use text, numbers and lists');
    // The parser's message quotes the file.
    const line = error instanceof TomlError ? ` in line ${error.line}` : '';
    return fault(`is not valid TOML${line}`, 'correct the file; its text is not shown here');
  }
  for (const [name, table] of Object.entries(tables)) {
    if (TABLES.includes(name) && isPlainObject(table)) continue;
    return fault(outsideTables(name), `put every key into one of [${TABLES.join('], [')}]`);
  }
  const [base = {}, own = {}] = [tables['default'], tables[environment]];
  return { values: mergeTables(base as PlainObject, own as PlainObject) };
}

function mergeTables(base: PlainObject, own: PlainObject): PlainObject {
  const merged = { ...base };
  for (const [key, value] of Object.entries(own)) merged[key] = mergeValues(key, base[key], value);
  return merged;
}

function outsideTables(name: string): string {
  const near = nearest(name, TABLES);
  return near === undefined
    ? 'has something outside of its tables'
    : `has a table that is not known; did you mean [${near}]?`;
}

function fault(reason: string, remedy: string): InstanceFile {
  return { fault: { reason, remedy } };
}
