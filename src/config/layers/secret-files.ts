import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { ENVIRONMENTS } from '../environments.ts';
import {
  type Contribution,
  isProtected,
  joinResults,
  type LayerContext,
  type LayerResult,
  type Problem,
} from '../model.ts';
import { declaration, declarations } from '../schema.ts';
import { variableSource } from '../variables.ts';
import { type Entry, readEntries } from './entries.ts';
import { openToOthers, readSecretFile } from './secret-file.ts';

/** A file, and the path of what it sets. */
interface Found {
  readonly file: string;
  readonly path: readonly string[];
  /** The variable that names the file. */
  readonly variable?: string;
}

/** Layer 3: a file per secret in SECRETS_DIR, then the files that `KEY_FILE` variables name. */
export function secretFilesLayer(context: LayerContext): LayerResult {
  const { value, origin } = context.setting('SECRETS_DIR');
  const folder = typeof value === 'string' ? value : '';
  const files = filesIn(folder);
  const own = files?.filter(({ isBelow }) => isBelow) ?? [];
  const mounted = own.map(({ file }) => ({ file, path: basename(file).split('__') }));
  const sources = [{ source: folder, status: files ? 'fresh' : 'absent' }] as const;
  // The default folder may be missing; one that somebody named should not be.
  const isDefault = folder === new ENVIRONMENTS[context.environment]().SECRETS_DIR;
  const problem = {
    key: 'SECRETS_DIR',
    reason: 'names a folder that does not exist, or that cannot be read',
    origin: origin?.source,
    remedy: 'create the folder, or unset SECRETS_DIR to use /run/secrets',
  };
  const list = isProtected(context.environment) ? 'problems' : 'warnings';
  return joinResults([
    { contributions: [], sources, [list]: files || isDefault ? [] : [problem] },
    { contributions: [], sources: [], warnings: files?.flatMap(strayLink) ?? [] },
    readAll(mounted, context),
    readAll(namedFiles(context.processEnv), context),
  ]);
}

/** The secrets in a folder; nothing where it is none, or none that this user may read. */
export function mountedFiles(folder: string): string[] | undefined {
  return filesIn(folder)?.flatMap(({ file, isBelow }) => (isBelow ? file : []));
}

// Kubernetes mounts symbolic links into ..data; a link that leaves the folder is none of ours.
function filesIn(folder: string) {
  try {
    const root = realpathSync(folder) + sep;
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
    const paths = names.sort().map((name) => join(folder, name));
    return paths.flatMap((file) => {
      const real = realFile(file);
      return real === undefined ? [] : { file, isBelow: real.startsWith(root) };
    });
  } catch {
    return undefined;
  }
}

function realFile(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? realpathSync(path) : undefined;
  } catch {
    // A link that leads nowhere, or a file that has just gone.
    return undefined;
  }
}

function strayLink({ file, isBelow }: { file: string; isBelow: boolean }): Problem[] {
  const key = basename(file).split('__')[0]?.toUpperCase() ?? '';
  if (isBelow || declaration(key) === undefined) return [];
  const reason = 'has a link that leads out of SECRETS_DIR, so its file is not read';
  return [{ key, reason, origin: file, remedy: 'put the file itself there' }];
}

/** The files that `KEY_FILE` variables name. */
export function namedFiles(processEnv: LayerContext['processEnv']): Found[] {
  return [...declarations()].flatMap(([key, { bare, notFrom }]) => {
    const variable = `${key}_FILE`;
    const file = processEnv[variable];
    const counts = bare && file && !notFrom?.includes('secret-files');
    return counts ? [{ file, path: [key], variable }] : [];
  });
}

// Mounted files and named ones are read apart, so that both may set a key.
function readAll(found: readonly Found[], context: LayerContext): LayerResult {
  const { processEnv, environment, dotenvNames } = context;
  const unknown: Contribution[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const entries: Entry[] = [];
  const sources: LayerResult['sources'][number][] = [];
  for (const { file, path, variable } of found) {
    const key = path.join('.').toUpperCase();
    const first = path[0]?.toUpperCase() ?? '';
    // Somebody else's file is named in a warning, and never opened.
    if (first !== '' && declaration(first) === undefined) {
      unknown.push({ layer: 'secret-files', source: file, key: first, value: undefined });
      continue;
    }
    if (variable && processEnv[key]) {
      const reason = `is set twice, by ${key} and ${variable}`;
      problems.push({ key, reason, remedy: `unset ${key} or ${variable}` });
      continue;
    }
    const secret = readSecretFile(file);
    const isRead = 'text' in secret;
    // A variable may hold the secret itself by mistake: its text is shown only once it is a file.
    const origin = variable && !isRead ? variableSource(variable, dotenvNames) : file;
    if (variable) sources.push({ source: origin, status: isRead ? 'fresh' : 'failed' });
    if (!isRead) {
      problems.push({ key, origin, ...secret });
      continue;
    }
    entries.push({ path, source: file, value: secret.text, changedAt: secret.changedAt });
    if (isProtected(environment) && openToOthers(file)) {
      const reason = 'comes from a file that every user of this machine can read';
      warnings.push({ key, reason, origin: file, remedy: `chmod o-r ${file}` });
    }
  }
  const read = readEntries('secret-files', entries);
  return {
    contributions: [...unknown, ...read.contributions],
    problems: [...problems, ...read.problems],
    warnings,
    sources,
  };
}
