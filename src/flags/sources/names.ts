import { FLAGS, type FlagName, isFlagName } from '../../config/keys/flags.ts';

/** Every declared flag. */
export const FLAG_NAMES: readonly FlagName[] = Object.keys(FLAGS).filter(isFlagName);

/** What a flag may be called at a vendor, best first: `FEATURE_NEW_CHECKOUT`, `new-checkout`. */
export function vendorNames(name: FlagName): readonly [ours: string, kebab: string] {
  return [name, name.slice('FEATURE_'.length).toLowerCase().replaceAll('_', '-')];
}
