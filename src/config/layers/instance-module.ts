import { realpathSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { inTime, LateError } from '../in-time.ts';
import type { EnvironmentName } from '../model.ts';
import { copyPlain, isPlainObject, NotPlainError, type PlainObject } from '../plain.ts';
import type { InstanceFile } from './instance.ts';

const SETTLE_WITHIN_MS = 10_000;
const KINDS = ['SyntaxError', 'ReferenceError', 'TypeError', 'RangeError', 'URIError'];

class FileImportError extends Error {}

/** Load `config.ts` by Node itself: an object, or a function of the environment name. */
export async function readModule(
  text: string,
  environment: EnvironmentName,
  path: string,
): Promise<InstanceFile> {
  // Node caches modules for ever; the content's hash makes a new one of an edited file only.
  const { hash } = await import('node:crypto');
  const version = hash('sha256', text).slice(0, 16);
  // Node follows links, such as those of a mounted ConfigMap, and names the file that they lead to.
  const file = realpathSync(path);
  const url = `${pathToFileURL(file).href}?v=${version}`;
  const hooks = refuseFiles(url);
  const evaluate = async (): Promise<unknown> => {
    const { default: exported } = await import(url);
    return typeof exported === 'function' ? exported(environment) : exported;
  };
  try {
    // One that waits for ever would keep every later reload waiting.
    const values = await inTime(evaluate(), SETTLE_WITHIN_MS);
    // Without an export Node takes the file for CommonJS, whose default export is always there.
    if (isPlainObject(values) && /\bexport\b/.test(text)) {
      return { values: copyPlain(values) as PlainObject };
    }
    const reason = 'has no configuration as its default export';
    return { reason, remedy: 'write: export default { ... }' };
  } catch (error) {
    if (error instanceof NotPlainError) throw error;
    if (error instanceof LateError) {
      const reason = `is not done after ${SETTLE_WITHIN_MS / 1000} s`;
      return { reason, remedy: 'end what it waits for, or do not wait for it there' };
    }
    if (error instanceof FileImportError) {
      const reason = 'imports another file, whose changes no reload would see';
      return { reason, remedy: 'write it into config.ts; types and packages may be imported' };
    }
    const remedy = 'correct the file; its text is not shown here';
    return { reason: describeError(error, file), remedy };
  } finally {
    hooks.deregister();
  }
}

// What a module imports has no such hash, and would stay as it was first read.
function refuseFiles(importer: string) {
  return registerHooks({
    resolve(specifier, context, next) {
      const isFile = /^(?:\.{0,2}\/|file:)/.test(specifier);
      if (isFile && context.parentURL === importer) throw new FileImportError();
      return next(specifier, context);
    },
  });
}

// Message and stack quote the file, secrets included: only the kind and the line are safe.
function describeError(error: unknown, path: string): string {
  if (!(error instanceof Error)) return 'throws something that is no error';
  const kind = KINDS.includes(error.name) ? `a ${error.name}` : 'an Error';
  const code = 'code' in error ? /^ERR_[A-Z_]{1,60}$/.exec(String(error.code))?.[0] : undefined;
  const names = [pathToFileURL(path).href, path].map((name) => RegExp.escape(name)).join('|');
  const place = new RegExp(`(?:${names})(?:\\?v=[0-9a-f]{16})?:(\\d+)`);
  const line = place.exec(String(error.stack))?.[1];
  const where = line === undefined ? '' : ` in line ${line}`;
  return `fails with ${kind}${code === undefined ? '' : ` (${code})`}${where}`;
}
