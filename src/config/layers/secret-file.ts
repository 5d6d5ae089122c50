import { readFileSync, statSync } from 'node:fs';

const LARGEST = 64 * 1024;

type SecretFile =
  | { readonly text: string; readonly changedAt: number }
  | { readonly fault: string; readonly remedy: string };

/** Read one secret: UTF-8 text of at most 64 KiB, less one newline at its end. */
export function readSecretFile(path: string): SecretFile {
  try {
    const file = statSync(path);
    if (!file.isFile()) return { fault: 'names something that is no file', remedy: 'name a file' };
    if (file.size > LARGEST) {
      return { fault: 'comes from a file over 64 KiB', remedy: 'keep one secret in one file' };
    }
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      readFileSync(path),
    );
    return { text: text.replace(/\r?\n$/, ''), changedAt: file.mtimeMs };
  } catch (error) {
    return describeFailure(error);
  }
}

function describeFailure(error: unknown): SecretFile {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return { fault: 'names a file that does not exist', remedy: 'correct the path' };
    case 'EACCES':
    case 'EPERM':
      return { fault: 'comes from a file that cannot be read', remedy: 'let this user read it' };
    default:
      return { fault: 'comes from a file that is not UTF-8 text', remedy: 'keep it as text' };
  }
}
