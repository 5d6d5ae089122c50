import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ENVIRONMENTS } from '../environments.ts';
import type { Contribution, LayerContext, LayerResult, Problem } from '../model.ts';
import { isProtected } from '../model.ts';
import { declaration, declarations } from '../schema.ts';
import { openToOthers } from './file-access.ts';
import { readSecretFile } from './secret-file.ts';
import { readTextSettings, type TextSetting } from './text-settings.ts';

interface Found {
  readonly unknown: Contribution[];
  readonly texts: TextSetting[];
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

/** Layer 3: a file per secret in SECRETS_DIR, then the files that `KEY_FILE` variables name. */
export function secretFilesLayer(context: LayerContext): LayerResult {
  const { value, origin } = context.setting('SECRETS_DIR');
  const folder = typeof value === 'string' ? value : '';
  const mounted = readFolder(folder, context);
  const named = readNamedFiles(context);
  const missing = !isFolder(folder);
  const problems = [...mounted.problems, ...named.problems];
  const warnings = [...mounted.warnings, ...named.warnings];
  // The default folder may be missing; one that somebody named should not be.
  if (missing && folder !== new ENVIRONMENTS[context.environment]().SECRETS_DIR) {
    const list = isProtected(context.environment) ? problems : warnings;
    list.push(missingFolder(origin?.source));
  }
  const [first, second] = [mounted, named].map(({ texts }) => readTextSettings(texts));
  return {
    contributions: [
      ...mounted.unknown,
      ...(first?.contributions ?? []),
      ...(second?.contributions ?? []),
    ],
    problems: [...problems, ...(first?.problems ?? []), ...(second?.problems ?? [])],
    warnings,
    sources: [{ source: folder, status: missing ? 'absent' : 'fresh' }],
  };
}

function readFolder(folder: string, context: LayerContext): Found {
  const found: Found = { unknown: [], texts: [], problems: [], warnings: [] };
  for (const name of listFiles(folder)) {
    const source = join(folder, name);
    const path = name.split('__');
    const key = path[0]?.toUpperCase() ?? '';
    // Somebody else's file is named in a warning, and never opened.
    if (key !== '' && declaration(key) === undefined) {
      found.unknown.push({ layer: 'secret-files', source, key, value: undefined });
    } else collect(found, context, path.join('.').toUpperCase(), source, { path, source });
  }
  return found;
}

// Kubernetes mounts symbolic links into ..data; a link that leaves the folder is none of ours.
function listFiles(folder: string): string[] {
  if (!isFolder(folder)) return [];
  const root = realpathSync(folder) + sep;
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .filter((name) => {
      const path = join(folder, name);
      if (!existsSync(path) || !realpathSync(path).startsWith(root)) return false;
      return statSync(path).isFile();
    })
    .sort();
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The files that `KEY_FILE` variables name. */
export function namedSecretFiles(processEnv: LayerContext['processEnv']): string[] {
  return namedFiles(processEnv).map(({ path }) => path);
}

function namedFiles(processEnv: LayerContext['processEnv']) {
  return [...declarations()].flatMap(([key, { bare, notFrom }]) => {
    const variable = `${key}_FILE`;
    const path = processEnv[variable];
    if (!bare || !path || notFrom?.includes('secret-files')) return [];
    return [{ key, variable, path }];
  });
}

function readNamedFiles(context: LayerContext): Found {
  const found: Found = { unknown: [], texts: [], problems: [], warnings: [] };
  for (const { key, variable, path } of namedFiles(context.processEnv)) {
    if (context.processEnv[key]) {
      const reason = `is set twice, by ${key} and ${variable}`;
      found.problems.push({ key, reason, remedy: `unset ${key} or ${variable}` });
      continue;
    }
    collect(found, context, key, path, { path: [key], source: path }, variable);
  }
  return found;
}

function collect(
  found: Found,
  context: LayerContext,
  key: string,
  path: string,
  setting: { path: string[]; source: string },
  variable?: string,
): void {
  const file = readSecretFile(path);
  // A variable may hold the secret itself by mistake: its text is shown only once it is a file.
  const origin = variable === undefined ? path : `env ${variable}`;
  if ('fault' in file) {
    found.problems.push({ key, reason: file.fault, origin, remedy: file.remedy });
    return;
  }
  found.texts.push({ layer: 'secret-files', ...setting, ...file });
  if (isProtected(context.environment) && openToOthers(path)) {
    const reason = 'comes from a file that every user of this machine can read';
    found.warnings.push({ key, reason, origin: path, remedy: `chmod o-r ${path}` });
  }
}

function missingFolder(source: string | undefined): Problem {
  return {
    key: 'SECRETS_DIR',
    reason: 'names a folder that does not exist',
    ...(source === undefined ? {} : { origin: source }),
    remedy: 'create the folder, or unset SECRETS_DIR to use /run/secrets',
  };
}
