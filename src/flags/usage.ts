import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  expiryOf,
  FLAG_NAMES,
  FLAGS,
  type FlagDeclaration,
  type FlagName,
  isExpired,
} from '../config/keys/flags.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const REGISTRY = 'src/config/keys/flags.ts';
const COMMENT = /^\s*(?:\/\/|\/?\*)/;
const ONE_DAY_MS = 24 * 60 * 60 * 1000;
const WARN_DAYS = 14;

export type Uses = ReadonlyMap<FlagName, readonly string[]>;

/** The places, as `file:line`, where the code in `src` names each flag. It reads every file. */
export function findUses(): Uses {
  const uses = new Map(FLAG_NAMES.map((name) => [name, [] as string[]]));
  const files = readdirSync(join(PROJECT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(PROJECT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => file !== REGISTRY)
    .sort();
  for (const file of files) {
    for (const [index, line] of readFileSync(join(PROJECT, file), 'utf8').split('\n').entries()) {
      if (COMMENT.test(line)) continue;
      for (const [name] of line.matchAll(/\bFEATURE_\w+/g)) {
        const places = uses.get(name as FlagName);
        const place = `${file}:${index + 1}`;
        if (places?.at(-1) !== place) places?.push(place);
      }
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
    const days = daysLeft(flag, now);
    const end = `${name} of ${flag.owner || 'nobody'}`;
    if (flag.owner.trim() === '') problems.push(`${name} has no owner`);
    if (uses.get(name as FlagName)?.length === 0) problems.push(`${name} is used by no code`);
    if (isExpired(flag, now)) problems.push(`${end} expired on ${expiryOf(flag)}`);
    else if (days <= WARN_DAYS) warnings.push(`${end} expires on ${expiryOf(flag)}`);
  }
  return { problems, warnings };
}

/** How old a flag is, in days. */
export function ageOf({ created }: Pick<FlagDeclaration, 'created'>, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(created)) / ONE_DAY_MS));
}

function daysLeft(flag: FlagDeclaration, now: number): number {
  const expiry = expiryOf(flag);
  return expiry === undefined ? Infinity : (Date.parse(expiry) - now) / ONE_DAY_MS;
}
