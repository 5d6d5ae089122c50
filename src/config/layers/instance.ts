import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type EnvironmentName,
  isProtected,
  joinResults,
  type LayerContext,
  type LayerResult,
  type Problem,
} from '../model.ts';
import { NotPlainError, type PlainObject } from '../plain.ts';
import { readModule } from './instance-module.ts';
import { readToml } from './instance-toml.ts';
import { openToOthers } from './secret-file.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const FILES = ['config.toml', 'config.ts'];

/** One instance file's values, or the one thing that is wrong with it. */
export type InstanceFile = { readonly values: PlainObject } | Pick<Problem, 'reason' | 'remedy'>;

type Place = Pick<LayerContext, 'instanceDir' | 'processEnv'>;

/** Where this machine's own configuration lives: `instance/`, or the folder that is named. */
export function instanceFolder({ instanceDir, processEnv }: Place): string {
  return resolve(instanceDir || processEnv['INSTANCE_DIR'] || join(PROJECT, 'instance'));
}

/** The paths of the files in an instance folder that are read, lowest first. */
export function instanceFiles(folder: string): string[] {
  return FILES.map((name) => join(folder, name));
}

/** Layer 2: `config.toml`, then `config.ts`, in the instance folder. Neither has to be there. */
export async function instanceLayer(context: LayerContext): Promise<LayerResult> {
  const folder = instanceFolder(context);
  const isNamed = Boolean(context.instanceDir || context.processEnv['INSTANCE_DIR']);
  if (isNamed && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    const problem = {
      key: 'INSTANCE_DIR',
      reason: 'names a folder that does not exist',
      remedy: 'create the folder, or unset INSTANCE_DIR to use instance/',
    };
    const status = { source: 'INSTANCE_DIR', status: 'failed' } as const;
    return { contributions: [], problems: [problem], sources: [status] };
  }
  const files = instanceFiles(folder).map((path) => readFile(path, context));
  return joinResults(await Promise.all(files));
}

async function readFile(path: string, { environment }: LayerContext): Promise<LayerResult> {
  const source = displayPath(path);
  const key = basename(path);
  if (!existsSync(path)) return { contributions: [], sources: [{ source, status: 'absent' }] };
  const file = await readValues(path, environment);
  const values = 'values' in file ? Object.entries(file.values) : [];
  const isOpen = isProtected(environment) && openToOthers(path);
  const reason = 'can be read by every user of this machine';
  return {
    contributions: values
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ({ layer: 'instance', source, key, value })),
    problems: 'reason' in file ? [{ key, origin: source, ...file }] : [],
    warnings: isOpen ? [{ key, reason, origin: source, remedy: `chmod o-r ${source}` }] : [],
    sources: [{ source, status: 'reason' in file ? 'failed' : 'fresh' }],
  };
}

async function readValues(path: string, environment: EnvironmentName): Promise<InstanceFile> {
  const read = path.endsWith('.toml') ? readToml : readModule;
  try {
    return await read(readFileSync(path, 'utf8'), environment, path);
  } catch (error) {
    if (error instanceof NotPlainError) return { reason: error.message, remedy: 'give plain data' };
    return { reason: 'cannot be read', remedy: 'make it a file this user can read' };
  }
}

/** A path as an origin: relative inside the project, absolute elsewhere. */
function displayPath(path: string): string {
  const inside = relative(PROJECT, path);
  return inside.startsWith('..') ? path : inside;
}
