import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { parseJson } from '../../config/plain.ts';
import type { Database } from '../database.ts';
import { type AuditRow, hashOf, isSigned, type KeyRing } from './chain.ts';
import { auditRows } from './trail.ts';

/** What the log says of entries, by sequence. */
export type Anchors = ReadonlyMap<number, string>;

export type Verdict = Awaited<ReturnType<typeof verifyRows>>;

const anchorLine = z.object({ audit: z.object({ sequence: z.int(), hash: z.string() }) });
const pruning = z.object({ through: z.int(), hash: z.string() });

const UNKNOWN_KEY = 'is signed with a key that is not known, and no later one vouches for it';

/**
 * Check the whole trail, while it is in use: what is pruned as this reads would look like a gap, and
 * no later entry may explain a gap, for then anything could stand before it. So it reads again.
 */
export async function verifyTrail(
  database: Pick<Database, 'query'>,
  ring: KeyRing,
  anchors: Anchors = new Map(),
): Promise<Verdict> {
  const verdict = await verifyRows(auditRows(database), ring, anchors);
  const { value: first } = await auditRows(database).next();
  const isPruned = verdict.bad !== undefined && first?.sequence > (verdict.first ?? Infinity);
  return isPruned ? verifyTrail(database, ring, anchors) : verdict;
}

/**
 * Check every row, in the order of the chain; `bad` is the first that is not as it was written, or
 * not there. A row whose key is not known is good where a later one vouches for it: whoever signed
 * that one had checked the signature before it.
 */
async function verifyRows(rows: AsyncIterable<AuditRow>, ring: KeyRing, anchors: Anchors) {
  let bad: { readonly sequence: number; readonly reason: string } | undefined;
  const fault = (sequence: number, reason: string) => {
    if (bad === undefined || sequence < bad.sequence) bad = { sequence, reason };
  };
  let entries = 0;
  let first: AuditRow | undefined;
  let last: AuditRow | undefined;
  let unknown: number | undefined;
  // The hash of the last entry that was taken away, by its sequence.
  const cuts = new Map([[0, '']]);
  for await (const row of rows) {
    const { sequence, action } = row;
    const next = (last?.sequence ?? sequence - 1) + 1;
    const isLinked = last === undefined || (sequence === next && row.previous === last.hash);
    if (sequence !== next) fault(next, 'is missing');
    else if (!isLinked) fault(sequence, 'does not follow the one before');
    if (unknown !== undefined && (!isLinked || action === 'audit.untrusted')) {
      fault(unknown, UNKNOWN_KEY);
    }
    if (row.hash !== hashOf(row)) fault(sequence, 'was changed');
    if (row.hash !== (anchors.get(sequence) ?? row.hash)) fault(sequence, 'differs from the log');
    const signed = isSigned(row, ring);
    if (signed === false) fault(sequence, 'was not signed by this app');
    unknown = signed === undefined ? (unknown ?? sequence) : undefined;
    const cut = pruning.safeParse(action === 'audit.prune' && parseJson(row.detail ?? '')).data;
    if (cut !== undefined) cuts.set(cut.through, cut.hash);
    first ??= row;
    last = row;
    entries += 1;
  }
  if (unknown !== undefined) fault(unknown, UNKNOWN_KEY);
  // A forged past with old dates may have been pruned, and then this entry alone tells of it.
  if (first?.action === 'audit.untrusted') fault(first.sequence, 'vouches for nothing before it');
  const start = (first?.sequence ?? 1) - 1;
  if (first !== undefined && cuts.get(start) !== first.previous) {
    const before = [...cuts.keys()].filter((through) => through < start);
    if (before.length === 0) fault(first.sequence, 'is not where the chain begins');
    else fault(Math.max(...before) + 1, 'is missing');
  }
  const end = last?.sequence ?? 0;
  if (anchors.keys().some((sequence) => sequence > end)) fault(end + 1, 'is missing');
  return { entries, first: first?.sequence, last: last?.sequence, anchors: anchors.size, bad };
}

/** The anchors among the lines of a log; a prefix before the JSON does no harm. */
export async function readAnchors(file: string): Promise<Anchors> {
  const anchors = new Map<number, string>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { data } = anchorLine.safeParse(parseJson(line.replace(/^[^{]*/, '')));
    if (data === undefined) continue;
    const { sequence, hash } = data.audit;
    // Two hashes for one sequence: the chain was wound back and written anew.
    anchors.set(sequence, (anchors.get(sequence) ?? hash) === hash ? hash : 'more than one');
  }
  return anchors;
}
