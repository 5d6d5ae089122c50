import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isKeyName } from '../src/config/schema.ts';
import { PROJECT } from './support/process.ts';

const RUNBOOK = readFileSync(join(PROJECT, 'docs/runbook.md'), 'utf8');
const SOURCE = [...sourcesBelow('src'), 'scripts/preload.cjs']
  .map((path) => readFileSync(join(PROJECT, path), 'utf8'))
  .join('\n');
const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** What its tables quote in their first column: what the app says. */
const QUOTED = ['What the log says', '## The app does not start'].flatMap((start) => {
  const [, after = ''] = RUNBOOK.split(start);
  const [, table = ''] = /\n\|---\|---\|\n((?:\|.*\n)+)/.exec(after) ?? [];
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, text = '']) => text);
});

describe('the runbook', () => {
  test.each(QUOTED)('quotes what the app really says: %s', (quoted) => {
    const parts = quoted.split('…').map((part) => part.trim().replace(/^,\s*/, ''));
    expect(parts.filter((part) => !SOURCE.includes(part))).toEqual([]);
  });

  test('quotes enough of it', () => {
    expect(QUOTED.length).toBeGreaterThan(25);
  });

  test('names commands that are there', () => {
    const named = [...RUNBOOK.matchAll(/npm run (?:-s )?([a-z-]+)/g)].map(([, name = '']) => name);
    expect(new Set(named).size).toBeGreaterThan(5);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test('names keys that are declared', () => {
    const named = [...RUNBOOK.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])(?:=[^`]*)?`/g)];
    const others = ['INSTANCE_DIR', 'KEY_FILE', 'APP_ENV'];
    const names = named.map(([, name = '']) => name).filter((name) => !others.includes(name));
    expect(names.filter((name) => !isKeyName(name))).toEqual([]);
    expect(new Set(names).size).toBeGreaterThan(10);
  });

  test('links to places that are there', () => {
    const links = [...RUNBOOK.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
    const headings = [...RUNBOOK.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => anchorOf(text));
    for (const target of links) {
      if (target.startsWith('#')) expect(headings).toContain(target.slice(1));
      else expect(() => readFileSync(join(PROJECT, 'docs', target))).not.toThrow();
    }
  });
});

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));
}
