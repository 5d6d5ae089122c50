import leven from 'leven';

const FARTHEST = 2;

/** The candidate at most two edits away from a name, whatever the case; the nearest if several. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toUpperCase();
  const near = Array.from(candidates)
    // At every start all variables are compared with all keys: most differ in length alone.
    .filter((candidate) => Math.abs(candidate.length - wanted.length) <= FARTHEST)
    .map((candidate) => {
      const options = { maxDistance: FARTHEST + 1 };
      return { candidate, distance: leven(wanted, candidate.toUpperCase(), options) };
    })
    .filter(({ distance }) => distance <= FARTHEST)
    .sort((one, other) => one.distance - other.distance);
  return near[0]?.candidate;
}
