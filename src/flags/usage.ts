import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { expiryOf, FLAGS, type FlagDeclaration, isExpired } from '../config/keys/flags.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const REGISTRY = 'src/config/keys/flags.ts';
const COMMENT = /^\s*(?:\/\/|\/?\*)/;
const ONE_DAY_MS = 24 * 60 * 60 * 1000;
const WARN_DAYS = 14;
const day = z.iso.date();

export type Uses = ReadonlyMap<string, readonly string[]>;

/** The places, as `file:line`, where the code in `src` names each flag. It reads every file. */
export function findUses(): Uses {
  const uses = new Map<string, string[]>(Object.keys(FLAGS).map((name) => [name, []]));
  for (const file of globSync('src/**/*.ts', { cwd: PROJECT, exclude: [REGISTRY] }).sort()) {
    for (const [index, line] of readFileSync(join(PROJECT, file), 'utf8').split('\n').entries()) {
      const names = COMMENT.test(line) ? [] : line.match(/\bFEATURE_\w+/g);
      for (const name of new Set(names)) uses.get(name)?.push(`${file}:${index + 1}`);
    }
  }
  return uses;
}

/** What is wrong with the declared flags at a time (ms since the epoch), and what soon will be. */
export function checkFlags(
  uses: Uses,
  now: number,
  flags: Readonly<Record<string, FlagDeclaration>> = FLAGS,
): { problems: string[]; warnings: string[] } {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const [name, flag] of Object.entries(flags)) {
    const end = `${name} of ${flag.owner || 'nobody'}`;
    if (flag.owner.trim() === '') problems.push(`${name} has no owner`);
    if ([flag.created, flag.expires ?? flag.created].some((one) => !day.safeParse(one).success)) {
      problems.push(`${name} has a day that does not exist: they are written YYYY-MM-DD`);
    }
    if (uses.get(name)?.length === 0) problems.push(`${name} is used by no code`);
    if (isExpired(flag, now)) problems.push(`${end} expired on ${expiryOf(flag)}`);
    else if (isExpired(flag, now + WARN_DAYS * ONE_DAY_MS)) {
      warnings.push(`${end} expires on ${expiryOf(flag)}`);
    }
  }
  return { problems, warnings };
}

/** How old a flag is, in days. */
export function ageOf({ created }: Pick<FlagDeclaration, 'created'>, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(created)) / ONE_DAY_MS));
}
