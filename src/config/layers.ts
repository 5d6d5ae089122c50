import { appEnvLayer } from './layers/app-env.ts';
import { classLayer } from './layers/class.ts';
import { envLayer } from './layers/env.ts';
import { instanceLayer } from './layers/instance.ts';
import { overrideLayer } from './layers/override.ts';
import { secretFilesLayer } from './layers/secret-files.ts';
import { storesLayer } from './layers/stores.ts';
import type { LayerContext, LayerName, LayerResult } from './model.ts';

export interface Layer {
  readonly name: LayerName;
  /** What it holds and how its origins look: the precedence table of the README. */
  readonly holds: string;
  readonly shownAs: string;
  /** Stages load one after the other: where secrets are kept is itself configuration. */
  readonly stage: (typeof STAGES)[number];
  readonly load: (context: LayerContext) => LayerResult | Promise<LayerResult>;
}

export const STAGES = ['local', 'secret files', 'stores'] as const;

/** THE precedence: lowest first, a later layer wins. */
export const LAYERS: readonly Layer[] = [
  {
    name: 'class',
    holds: 'the environment class in `src/config/environments.ts`',
    shownAs: 'ProductionConfig',
    stage: 'local',
    load: classLayer,
  },
  {
    name: 'instance',
    holds: '`instance/config.toml`, then `instance/config.ts`',
    shownAs: 'instance/config.ts',
    stage: 'local',
    load: instanceLayer,
  },
  {
    name: 'secret-files',
    holds: 'files in `SECRETS_DIR`, then the files that `KEY_FILE` variables name',
    shownAs: '/run/secrets/secret_key',
    stage: 'secret files',
    load: secretFilesLayer,
  },
  {
    name: 'aws',
    holds: 'AWS SSM Parameter Store and Secrets Manager',
    shownAs: 'ssm:/myapp/prod/SECRET_KEY',
    stage: 'stores',
    load: storesLayer('aws'),
  },
  {
    name: 'vault',
    holds: 'HashiCorp Vault KV',
    shownAs: 'vault:secret/myapp/prod#SECRET_KEY',
    stage: 'stores',
    load: storesLayer('vault'),
  },
  {
    name: 'env',
    holds: 'variables without a prefix, for the keys that opt in',
    shownAs: 'env SECRET_KEY',
    stage: 'local',
    load: envLayer,
  },
  {
    name: 'app-env',
    holds: '`APP_*` variables, the overrides of operators; `APP_A__B` reaches inside',
    shownAs: 'env APP_SECRET_KEY',
    stage: 'local',
    load: appEnvLayer,
  },
  {
    name: 'override',
    holds: '`createApp(env, { overrides })`',
    shownAs: 'override',
    stage: 'local',
    load: overrideLayer,
  },
];

/** Whether other programs keep values there, too, which are no fault of ours. */
export function isShared(layer: LayerName): boolean {
  return LAYERS.some(({ name, stage }) => name === layer && stage !== 'local');
}
