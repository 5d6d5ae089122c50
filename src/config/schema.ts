import { z } from 'zod';
import type { DeepReadonly, Key } from './key.ts';
import { coreKeys } from './keys/core.ts';
import { databaseKeys } from './keys/database.ts';
import { flagKeys, flagStoreKeys } from './keys/flags.ts';
import { httpKeys } from './keys/http.ts';
import { opsKeys } from './keys/ops.ts';
import { securityKeys } from './keys/security.ts';
import { sourceKeys, storeKeys } from './keys/stores.ts';
import { vendorKeys } from './keys/vendors.ts';
import type { EnvironmentName } from './model.ts';
import type { Secret } from './secret.ts';

/** Every configuration key there is, by concern. */
export const KEYS = {
  ...coreKeys,
  ...httpKeys,
  ...securityKeys,
  ...databaseKeys,
  ...storeKeys,
  ...sourceKeys,
  ...opsKeys,
  ...flagStoreKeys,
  ...vendorKeys,
  ...flagKeys,
};

type Declarations = typeof KEYS;
export type KeyName = keyof Declarations;
/** The keys that `config.get` answers; a flag is asked with `flags.isOn` instead. */
export type SettingName = Exclude<KeyName, `FEATURE_${string}`>;

type Input<K extends KeyName> = z.input<Declarations[K]['type']>;
type Output<K extends KeyName> = z.output<Declarations[K]['type']>;
type Wrapped<T> = undefined extends T ? Secret<Exclude<T, undefined>> | undefined : Secret<T>;
type Members<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [P in keyof T]?: Members<T[P]> }
    : T;

/** The value of each key as the app sees it: frozen, and a `Secret` where it must not be shown. */
export type Settings = {
  readonly [K in KeyName]: Declarations[K]['visibility'] extends 'public'
    ? DeepReadonly<Output<K>>
    : Wrapped<DeepReadonly<Output<K>>>;
};

/** What a person may write for each key; objects may be given in part. */
export type SettingsInput = { [K in Exclude<KeyName, 'ENV'>]?: Members<Input<K>> };

/** The default export of `instance/config.ts`. */
export type InstanceConfig =
  | SettingsInput
  | ((environment: EnvironmentName) => SettingsInput | Promise<SettingsInput>);

const declared = new Map<string, Key>(Object.entries(KEYS));

/** The one schema of the merged configuration. */
export const settingsSchema = z.strictObject(
  Object.fromEntries(declared.entries().map(([name, { type }]) => [name, type])),
);

/** A key's declaration, or nothing for a name that is not declared. */
export function declaration(name: string): Key | undefined {
  return declared.get(name);
}

export function isKeyName(name: string): name is KeyName {
  return declared.has(name);
}

/** Every declared key with its declaration, in the order of the files in `keys/`. */
export function declarations(): IterableIterator<[string, Key]> {
  return declared.entries();
}
