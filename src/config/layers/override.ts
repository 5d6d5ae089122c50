import { copyTyped } from '../cast.ts';
import type { Contribution, LayerContext, LayerResult, Problem } from '../model.ts';
import { isForbiddenName } from '../plain.ts';

/** Layer 8: what the code that makes the app insists on. */
export function overrideLayer({ overrides }: LayerContext): LayerResult {
  const source = 'override';
  const contributions: Contribution[] = [];
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    const copy = isForbiddenName(key) ? { fault: 'is no name for a key' } : copyTyped(value);
    if ('value' in copy) contributions.push({ layer: 'override', source, key, value: copy.value });
    else problems.push({ key, reason: copy.fault, origin: source, remedy: 'give plain data' });
  }
  const status = contributions.length === 0 ? 'absent' : 'fresh';
  return { contributions, problems, sources: [{ source, status }] };
}
