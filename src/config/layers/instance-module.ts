import { pathToFileURL } from 'node:url';
import type { EnvironmentName } from '../model.ts';
import { copyPlain, isPlainObject, NotPlainError } from '../plain.ts';
import type { InstanceFile } from './instance.ts';

const KINDS = ['SyntaxError', 'ReferenceError', 'TypeError', 'RangeError', 'URIError'];

/** Read `config.ts`, which Node itself loads: an object, or a function of the environment name. */
export async function readModule(
  path: string,
  text: string,
  environment: EnvironmentName,
): Promise<InstanceFile> {
  // Node caches modules for ever; the content's hash makes a new one of an edited file only.
  const { createHash } = await import('node:crypto');
  const version = createHash('sha256').update(text).digest('hex').slice(0, 16);
  try {
    const module = await import(`${pathToFileURL(path).href}?v=${version}`);
    const exported: unknown = module.default;
    const values: unknown = typeof exported === 'function' ? await exported(environment) : exported;
    // Without an export Node takes the file for CommonJS, whose default export is always there.
    if (isPlainObject(values) && /\bexport\b/.test(text))
      return { values: copyPlain(values) as Record<string, unknown> };
    return fault('has no configuration as its default export', 'write: export default { ... }');
  } catch (error) {
    if (error instanceof NotPlainError) return fault(error.message, 'return plain data');
    return fault(describeError(error, path), 'correct the file; its text is not shown here');
  }
}

// Message and stack quote the file, secrets included: only the kind and the line are safe.
function describeError(error: unknown, path: string): string {
  if (!(error instanceof Error)) return 'throws something that is no error';
  const kind = KINDS.includes(error.name) ? error.name : 'Error';
  const line = lineOf(error, path);
  return `fails with a ${kind}${line === undefined ? '' : ` in line ${line}`}`;
}

function lineOf(error: Error, path: string): string | undefined {
  const stack = typeof error.stack === 'string' ? error.stack : '';
  for (const name of [pathToFileURL(path).href, path]) {
    const [, after] = stack.split(name, 2);
    const line = /^(?:\?v=[0-9a-f]{16})?:(\d+)/.exec(after ?? '')?.[1];
    if (line !== undefined) return line;
  }
  return undefined;
}

function fault(reason: string, remedy: string): InstanceFile {
  return { fault: { reason, remedy } };
}
