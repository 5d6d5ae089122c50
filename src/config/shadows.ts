import { isDeepStrictEqual } from 'node:util';
import { isShared } from './layers.ts';
import type { Loaded } from './load.ts';
import { mergeSaid } from './merge.ts';
import type { Contribution } from './model.ts';
import { isKeyName } from './schema.ts';

/** The values that are new in `candidate` since `last` and have no effect: rotated, and overridden. */
export function shadowedChanges(last: Loaded, candidate: Loaded) {
  return findHidden(candidate, ({ key, layer, source, value }) => {
    const before = last.contributions.get(key)?.find((one) => one.source === source);
    return layer !== 'class' && !isDeepStrictEqual(before?.value, value);
  });
}

/** The values in stores that differ from the one in use, which a higher layer gives. */
export function hiddenInStores(loaded: Loaded) {
  return findHidden(loaded, ({ key, layer, value }) => {
    return isShared(layer) && !isDeepStrictEqual(loaded.values[key], value);
  });
}

// A source's value of a key that takes no effect, and what a higher layer says instead.
function findHidden(loaded: Loaded, matters: (one: Contribution) => boolean) {
  return [...loaded.contributions].flatMap(([key, said]) => {
    const hiddenBy = said.at(-1)?.source;
    if (!isKeyName(key) || hiddenBy === undefined) return [];
    // Of an object a lower layer's members may still count.
    const isHidden = (one: Contribution) =>
      isDeepStrictEqual(mergeSaid(said.filter((other) => other !== one)), loaded.values[key]);
    const hidden = said.slice(0, -1).filter((one) => matters(one) && isHidden(one));
    return hidden.map(({ source }) => ({ key, source, hiddenBy }));
  });
}
