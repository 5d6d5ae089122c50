import leven from 'leven';

/** The candidate at most two edits away from a name, whatever the case; the nearest if several. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = leven(name.toUpperCase(), candidate.toUpperCase(), { maxDistance: 3 });
    if (distance <= 2 && distance < (best?.distance ?? 3)) best = { candidate, distance };
  }
  return best?.candidate;
}
