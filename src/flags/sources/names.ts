import type { FlagName } from '../../config/keys/flags.ts';

/** What a flag may be called at a vendor, best first: `FEATURE_NEW_CHECKOUT`, `new-checkout`. */
export function vendorNames(name: FlagName): readonly [ours: string, kebab: string] {
  return [name, name.slice('FEATURE_'.length).toLowerCase().replaceAll('_', '-')];
}
