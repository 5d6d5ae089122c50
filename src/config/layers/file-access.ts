import { statSync } from 'node:fs';

/**
 * Whether users beside the owner can read a file that is this process's own. A mounted secret that
 * belongs to somebody else must be readable by others, or this process could not read it.
 */
export function openToOthers(path: string): boolean {
  const { mode, uid } = statSync(path);
  return uid === process.getuid?.() && (mode & 0o004) !== 0;
}
