import { inspect } from 'node:util';
import { ConfigError } from '../../src/config/problem.ts';
import { declarations, isKeyName } from '../../src/config/schema.ts';
import { explainKey, maskedValues } from '../../src/config/view.ts';
import { loadWorld, type Placed, place, type World } from '../support/app.ts';
import { makeConfig } from './make-config.ts';

const MARK = 'CANARY-7f3a9c';

/** A secret that is easily found again, with something awkward in its middle. */
export function canary(middle = ''): string {
  return `${MARK}-of-enough-length${middle}and-behind-it-${MARK}`;
}

/** Canaries with what quoting, URLs, lists and replacements may trip over. */
export const AWKWARD = ['', ...`"'\\&,;@:/?# `, '%2F', '{}', '$&'].map((middle) => canary(middle));

/** The encodings in which a text gives the canary away; none is what every test wants. */
export function leaksIn(text: string): string[] {
  const bytes = Buffer.from(MARK);
  const forms: Record<string, string> = { plain: MARK, hex: bytes.toString('hex') };
  for (const shift of [0, 1, 2]) {
    // Only the digits that no neighbouring byte has a part in.
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    forms[`base64 shifted by ${shift}`] = encoded.slice(shift === 0 ? 0 : shift + 1, 16);
  }
  return Object.entries(forms).flatMap(([name, form]) =>
    text.toLowerCase().includes(form.toLowerCase()) ? [name] : [],
  );
}

/** Every way to print a value. */
export function printed(value: unknown): string[] {
  return [
    String(value),
    JSON.stringify(value) ?? '',
    inspect(value),
    inspect(value, { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true }),
    inspect(value, { customInspect: false, showHidden: true, depth: 9 }),
  ];
}

/** All that a load of this world tells about its faults: problems, warnings, errors. */
export async function faultsSaid(world: World, placed: Placed = place(world)): Promise<string> {
  const texts: string[] = [];
  try {
    const { problems, warnings, sources } = await loadWorld(world, placed);
    texts.push(...printed(problems), ...printed(warnings), ...printed(sources));
  } catch (error) {
    texts.push(...describe(error));
  }
  try {
    await makeConfig(world, placed);
  } catch (error) {
    texts.push(...describe(error));
  }
  return texts.join('\n');
}

function describe(error: unknown): string[] {
  if (!(error instanceof ConfigError)) throw new Error('a raw error escaped', { cause: error });
  return [...printed(error), error.message, error.stack ?? '', ...printed(error.cause)];
}

/** All that an app of this world tells about its configuration, valid or not. */
export async function allSaid(world: World): Promise<string> {
  const placed = place(world);
  const loaded = await loadWorld(world, placed);
  const texts = [
    await faultsSaid(world, placed),
    ...printed(maskedValues(loaded)),
    ...[...declarations()].flatMap(([key]) => printed(explainKey(loaded, key))),
  ];
  if (loaded.problems.length > 0) return texts.join('\n');
  const config = await makeConfig(world, placed);
  const values = [
    ...[config, config.snapshot, config.masked(), config.sources(), config.warnings()],
    ...[structuredClone(config.snapshot.SECRET_KEY), { ...config.snapshot.SECRET_KEY }],
    ...[...declarations()].flatMap(([key]) => (isKeyName(key) ? [config.explain(key)] : [])),
    await config.reload({ dryRun: true }),
  ];
  return [...texts, ...values.flatMap(printed)].join('\n');
}
