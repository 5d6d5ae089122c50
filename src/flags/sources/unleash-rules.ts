import type { Context, Unleash } from 'unleash-client';
import clientModule from 'unleash-client/lib/client.js';
import type { EnhancedFeatureInterface } from 'unleash-client/lib/feature.js';
import type { RepositoryInterface } from 'unleash-client/lib/repository/index.js';
import rolloutModule from 'unleash-client/lib/strategy/flexible-rollout-strategy.js';
import { defaultStrategies } from 'unleash-client/lib/strategy/index.js';
import type { VendedRule } from '../evaluate.ts';

type Definitions = ReadonlyMap<string, EnhancedFeatureInterface>;

/** Unleash's rollout, which is off in part for nobody: its own draws lots at every question. */
class SteadyRollout extends rolloutModule.default {
  override isEnabled(parameters: Record<string, unknown>, context: Context): boolean {
    const { rollout, stickiness = 'default' } = parameters;
    const drawsLots = stickiness === 'default' || stickiness === 'random';
    if (context.userId === undefined && drawsLots && Number(rollout) < 100) return false;
    return super.isEnabled(parameters, context);
  }
}

const STRATEGIES = [new SteadyRollout(), ...defaultStrategies];

/**
 * Decide as Unleash does by these definitions and no later ones: a view of the flags keeps its
 * moment. Uses are counted by `unleash`, as its own client does; `common` is known of every subject.
 */
export function rulesOf(unleash: Unleash, definitions: Definitions, common: Context) {
  // All that the client asks of it; a definition comes with its segments in place of their ids.
  const moment = {
    getToggle: (name: string) => definitions.get(name),
    getSegment: (segment: unknown) => segment,
  } as RepositoryInterface;
  const client = new clientModule.default(moment, STRATEGIES);
  client.on('error', () => undefined);
  const ruleOf = (feature: string, counter?: Unleash): VendedRule => ({
    isOn(subject) {
      const context = subject === undefined ? common : { ...common, userId: subject };
      const on = client.isEnabled(feature, context, () => false);
      counter?.count(feature, on);
      return on;
    },
    variant(subject) {
      const context = { ...common, userId: subject };
      const { enabled, name, feature_enabled: on = false } = client.getVariant(feature, context);
      counter?.count(feature, on);
      counter?.countVariant(feature, name);
      return enabled ? name : undefined;
    },
  });
  return (feature: string): VendedRule => ({ ...ruleOf(feature, unleash), look: ruleOf(feature) });
}
