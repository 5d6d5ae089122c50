import { createHash } from 'node:crypto';
import { type FSWatcher, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';

// Editors and the kubelet write in several steps.
const SETTLE_MS = 250;
// Some file systems tell of nothing, and a folder may come later.
const LOOK_ANYWAY_MS = 10_000;
const LARGEST = 1024 * 1024;

/** What a configuration is read from: every file of some folders, and single files. */
export interface Places {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/**
 * Call `onChange` when the content of any of the files is another one. Folders are watched, never
 * files: a watch on a file ends when Kubernetes swaps `..data`. The answer ends it.
 */
export function watchFiles(places: Places, onChange: () => void): () => void {
  const { folders, files } = places;
  const watchers = new Map<string, { inode: number | undefined; watcher: FSWatcher }>();
  let known = digestOf(places);
  let settling: NodeJS.Timeout | undefined;

  const look = () => {
    settling = undefined;
    attach();
    const now = digestOf(places);
    if (now === known) return;
    known = now;
    onChange();
  };
  const concerns = (folder: string, name: string | null) =>
    name === null ||
    name.startsWith('..') ||
    folders.includes(folder) ||
    files.some((path) => dirname(path) === folder && basename(path) === name);
  const attach = () => {
    for (const folder of new Set([...folders, ...files.map((path) => dirname(path))])) {
      const inode = inodeOf(folder);
      const current = watchers.get(folder);
      if (current?.inode === inode) continue;
      current?.watcher.close();
      watchers.delete(folder);
      if (inode === undefined) continue;
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => {
          if (concerns(folder, name)) settling ??= setTimeout(look, SETTLE_MS).unref();
        });
        watcher.on('error', () => watchers.delete(folder));
        watchers.set(folder, { inode, watcher });
      } catch {
        // The system has no watch left to give: looking now and then has to do.
      }
    }
  };

  attach();
  const looking = setInterval(look, LOOK_ANYWAY_MS).unref();
  return () => {
    clearInterval(looking);
    clearTimeout(settling);
    for (const { watcher } of watchers.values()) watcher.close();
  };
}

function digestOf({ folders, files }: Places): string {
  const hash = createHash('sha256');
  for (const path of [...files, ...folders.flatMap(list)]) {
    hash.update(`\n${path}\n`).update(contentOf(path));
  }
  return hash.digest('hex');
}

function list(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
    return names.sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function contentOf(path: string): string | Buffer {
  try {
    const file = statSync(path);
    if (!file.isFile()) return 'no file';
    return file.size > LARGEST ? `${file.size} ${file.mtimeMs}` : readFileSync(path);
  } catch {
    return 'cannot be read';
  }
}

function inodeOf(folder: string): number | undefined {
  try {
    return statSync(folder).ino;
  } catch {
    return undefined;
  }
}
