import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { watchFiles } from '../../src/config/refresh/watch.ts';
import { temporaryFolder } from '../support/app.ts';

// The clock stands still, so that only the slow look finds anything.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function watching(places: { folders?: string[]; files?: string[]; since?: number }) {
  const changes = { count: 0, taken: true };
  const end = watchFiles({ folders: [], files: [], since: Date.now(), ...places }, async () => {
    changes.count += 1;
    return changes.taken;
  });
  onTestFinished(end);
  return { changes, end };
}

/** Let the time pass after which the files are looked at in any case. */
function later(): void {
  vi.advanceTimersByTime(10_000);
}

test('a folder that comes later is found, and watched from then on', () => {
  const folder = join(temporaryFolder(), 'secrets');
  const { changes } = watching({ folders: [folder] });
  later();
  expect(changes.count).toBe(0);
  mkdirSync(folder);
  writeFileSync(join(folder, 'secret_key'), 'one');
  later();
  expect(changes.count).toBe(1);
});

test('a folder that another one takes the place of is followed', () => {
  const parent = temporaryFolder();
  const folder = join(parent, 'secrets');
  for (const name of ['one', 'two']) {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, 'secret_key'), name);
  }
  symlinkSync('one', folder);
  const { changes } = watching({ folders: [folder] });
  symlinkSync('two', `${folder}.new`);
  renameSync(`${folder}.new`, folder);
  later();
  expect(changes.count).toBe(1);
  writeFileSync(join(parent, 'two', 'secret_key'), 'three');
  later();
  expect(changes.count).toBe(2);
});

test('a change that was not taken is told again, until it is', async () => {
  const folder = temporaryFolder();
  const { changes } = watching({ folders: [folder] });
  changes.taken = false;
  writeFileSync(join(folder, 'secret_key'), 'one');
  for (const count of [1, 2, 3, 3]) {
    changes.taken = count === 3;
    later();
    await Promise.resolve();
    expect(changes.count).toBe(count);
  }
});

test('a file that is written again with the same content is no change', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'config.ts');
  writeFileSync(file, 'export default {};');
  const { changes } = watching({ files: [file] });
  writeFileSync(`${file}.new`, 'export default {};');
  renameSync(`${file}.new`, file);
  writeFileSync(join(folder, 'dev.db'), 'x');
  later();
  expect(changes.count).toBe(0);
});

test('what changed after the files were first read, and before they are watched, counts', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'secret_key'), 'two');
  const { changes } = watching({ folders: [folder], since: Date.now() - 1000 });
  vi.advanceTimersByTime(1000);
  expect(changes.count).toBe(1);
  later();
  expect(changes.count).toBe(1);
});

test('what cannot be read is no reason to fail', () => {
  const folder = temporaryFolder();
  symlinkSync('nowhere', join(folder, 'dangling'));
  mkdirSync(join(folder, 'folder'));
  const { changes } = watching({ folders: [folder], files: [join(folder, 'missing', 'file')] });
  later();
  expect(changes.count).toBe(0);
});

test('no timer is left when it ends', () => {
  const { end } = watching({ folders: [temporaryFolder()] });
  end();
  expect(vi.getTimerCount()).toBe(0);
});
