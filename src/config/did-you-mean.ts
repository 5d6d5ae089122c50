import { closestMatch } from 'leven';

/** The candidate at most two edits away from a name, whatever the case; the nearest if several. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const known = new Map(
    Array.from(candidates, (candidate) => [candidate.toUpperCase(), candidate]),
  );
  const match = closestMatch(name.toUpperCase(), [...known.keys()], { maxDistance: 2 });
  return match && known.get(match);
}
