import type { Contribution, LayerContext, LayerResult, Problem } from '../model.ts';
import { copyPlain, NotPlainError } from '../plain.ts';

/** Layer 8: what the code that makes the app insists on. */
export function overrideLayer({ overrides }: LayerContext): LayerResult {
  const contributions: Contribution[] = [];
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    try {
      copyPlain({ [key]: null });
      contributions.push({ layer: 'override', source: 'override', key, value: copyPlain(value) });
    } catch (error) {
      if (!(error instanceof NotPlainError)) throw error;
      problems.push({ key, reason: error.message, origin: 'override', remedy: 'give plain data' });
    }
  }
  const status = contributions.length === 0 ? 'absent' : 'fresh';
  return { contributions, problems, sources: [{ source: 'override', status }] };
}
