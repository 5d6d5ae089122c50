import { isUtf8 } from 'node:buffer';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Problem } from '../model.ts';

const LARGEST = 64 * 1024;

type SecretFile =
  | { readonly text: string; readonly changedAt: number }
  | Pick<Problem, 'reason' | 'remedy'>;

/** Read one secret: UTF-8 text of at most 64 KiB, less one newline at its end. */
export function readSecretFile(path: string): SecretFile {
  try {
    const file = statSync(path);
    if (!file.isFile()) return { reason: 'names something that is no file', remedy: 'name a file' };
    if (file.size > LARGEST) {
      return { reason: 'comes from a file over 64 KiB', remedy: 'keep one secret in one file' };
    }
    const bytes = readFileSync(path);
    return isUtf8(bytes)
      ? { text: bytes.toString().replace(/\r?\n$/, ''), changedAt: file.mtimeMs }
      : { reason: 'comes from a file that is not UTF-8 text', remedy: 'keep it as text' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'EACCES' || code === 'EPERM'
      ? { reason: 'comes from a file that cannot be read', remedy: 'let this user read it' }
      : { reason: 'names a file that does not exist', remedy: 'correct the path' };
  }
}

/**
 * Whether users beside the owner can read a file that is this process's own. A mounted secret that
 * belongs to somebody else must be readable by others, or this process could not read it.
 */
export function openToOthers(path: string): boolean {
  try {
    const file = statSync(path);
    const folder = statSync(dirname(realpathSync(path)));
    // A folder that lets nobody in guards the file, and that of a file which is a mount is elsewhere.
    const isGuarded = (folder.mode & 0o001) === 0 || folder.dev !== file.dev;
    return file.uid === process.getuid?.() && (file.mode & 0o004) !== 0 && !isGuarded;
  } catch {
    // It has just gone, or only this process still has it open.
    return false;
  }
}
