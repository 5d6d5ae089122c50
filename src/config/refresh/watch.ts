import { createHash } from 'node:crypto';
import { type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { mountedFiles } from '../layers/secret-files.ts';

// Editors and the kubelet write in several steps.
const SETTLE_MS = 250;
// Some file systems tell of nothing, and a folder may come later.
const LOOK_ANYWAY_MS = 10_000;
const LARGEST = 1024 * 1024;

/** What a configuration is read from: the secrets in some folders, and single files. */
interface Places {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  /** When reading them began, in ms since the epoch: what is newer may not have been read. */
  readonly since: number;
}

/**
 * Call `onChange` when the content of any of the files is another one, and again later where it
 * answers that this did not count. The answer ends it. Folders are watched, never files: a watch on
 * a file ends when Kubernetes swaps `..data`.
 */
export function watchFiles(places: Places, onChange: () => Promise<boolean>): () => void {
  const { folders, files } = places;
  const watched = new Set([...folders, ...files.map((path) => dirname(path))]);
  const names = new Set(files.map((path) => basename(path)));
  const watchers: FSWatcher[] = [];
  let known = isNewer(places) ? '' : digestOf(places);
  let settling: NodeJS.Timeout | undefined;

  // Anew each time: another folder may have taken a folder's place, or its file system went.
  const attach = () => {
    for (const watcher of watchers.splice(0)) watcher.close();
    for (const folder of watched) {
      const notice = (_event: string, name: string | null) => {
        // An embedded database may lie beside the files, and is written all the time.
        const isOurs = !name || name.startsWith('..') || names.has(name);
        if (isOurs || folders.includes(folder)) settling ??= setTimeout(look, SETTLE_MS).unref();
      };
      try {
        watchers.push(watch(folder, { persistent: false }, notice).on('error', () => undefined));
      } catch {
        // Not there, or the system has no watch left: looking now and then has to do.
      }
    }
  };
  const look = async () => {
    settling = undefined;
    attach();
    const now = digestOf(places);
    if (now === known) return;
    known = now;
    if (!(await onChange())) known = '';
  };

  attach();
  if (known === '') settling = setTimeout(look, SETTLE_MS).unref();
  const looking = setInterval(look, LOOK_ANYWAY_MS).unref();
  return () => {
    clearInterval(looking);
    clearTimeout(settling);
    for (const watcher of watchers) watcher.close();
  };
}

// A file that is moved keeps the time of its content, but not that of its own change.
function isNewer({ folders, files, since }: Places): boolean {
  const paths = [...files, ...folders, ...folders.flatMap((folder) => mountedFiles(folder) ?? [])];
  return paths.some((path) => {
    try {
      return Math.floor(statSync(path).ctimeMs) > since;
    } catch {
      return false;
    }
  });
}

function digestOf({ folders, files }: Places): string {
  const hash = createHash('sha256');
  for (const path of [...files, ...folders.flatMap((folder) => mountedFiles(folder) ?? [])]) {
    hash.update(`\n${path}\n`).update(contentOf(path));
  }
  return hash.digest('hex');
}

function contentOf(path: string): string | Buffer {
  try {
    const file = statSync(path);
    // A pipe would keep everything waiting.
    if (!file.isFile()) return 'no file';
    return file.size > LARGEST ? `${file.size} ${file.mtimeMs}` : readFileSync(path);
  } catch {
    return 'cannot be read';
  }
}
