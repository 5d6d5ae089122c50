import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contribution, LayerContext, LayerResult, Problem, SourceStatus } from '../model.ts';
import { isProtected } from '../model.ts';
import { readModule } from './instance-module.ts';
import { readToml } from './instance-toml.ts';
import { openToOthers } from './secret-file.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

const FILES = [
  ['config.toml', readToml],
  ['config.ts', readModule],
] as const;

/** One instance file's values, or the one thing that is wrong with it. */
export type InstanceFile =
  | { readonly values: Readonly<Record<string, unknown>> }
  | { readonly fault: Pick<Problem, 'reason' | 'remedy'> };

/** Where this machine's own configuration lives: `instance/`, or the folder that is named. */
export function instanceFolder(context: Pick<LayerContext, 'instanceDir' | 'processEnv'>): string {
  const named = context.instanceDir ?? context.processEnv['INSTANCE_DIR'];
  return named ? resolve(named) : join(PROJECT, 'instance');
}

/** The paths of the files in an instance folder that are read, lowest first. */
export function instanceFiles(folder: string): string[] {
  return FILES.map(([name]) => join(folder, name));
}

/** Layer 2: `config.toml`, then `config.ts`, in the instance folder. Neither has to be there. */
export async function instanceLayer(context: LayerContext): Promise<LayerResult> {
  const folder = instanceFolder(context);
  const missing = missingFolder(context, folder);
  if (missing !== undefined) return missing;

  const contributions: Contribution[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const sources: Pick<SourceStatus, 'source' | 'status'>[] = [];
  for (const [name, read] of FILES) {
    const path = join(folder, name);
    const source = displayPath(path);
    if (!existsSync(path)) {
      sources.push({ source, status: 'absent' });
      continue;
    }
    const file = await readSafely(path, (text) => read(path, text, context.environment));
    if ('fault' in file) problems.push({ key: name, origin: source, ...file.fault });
    const values = 'values' in file ? Object.entries(file.values) : [];
    for (const [key, value] of values) {
      if (value !== undefined) contributions.push({ layer: 'instance', source, key, value });
    }
    if (isProtected(context.environment) && openToOthers(path)) {
      warnings.push(openFile(name, source));
    }
    sources.push({ source, status: 'fault' in file ? 'failed' : 'fresh' });
  }
  return { contributions, problems, warnings, sources };
}

async function readSafely(
  path: string,
  read: (text: string) => InstanceFile | Promise<InstanceFile>,
): Promise<InstanceFile> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { fault: { reason: 'cannot be read', remedy: 'make it a file this user can read' } };
  }
  return read(text);
}

function missingFolder(context: LayerContext, folder: string): LayerResult | undefined {
  const named = context.instanceDir ?? context.processEnv['INSTANCE_DIR'];
  if (!named || statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  return {
    contributions: [],
    problems: [
      {
        key: 'INSTANCE_DIR',
        reason: 'names a folder that does not exist',
        remedy: 'create the folder, or unset INSTANCE_DIR to use instance/',
      },
    ],
    sources: [{ source: 'INSTANCE_DIR', status: 'failed' }],
  };
}

function openFile(key: string, origin: string): Problem {
  return {
    key,
    reason: 'can be read by every user of this machine',
    origin,
    remedy: `chmod o-r ${origin}`,
  };
}

/** A path as an origin: relative inside the project, absolute elsewhere. */
function displayPath(path: string): string {
  const inside = relative(PROJECT, path);
  return inside.startsWith('..') ? path : inside;
}
