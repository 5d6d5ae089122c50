import type { LayerContext, LayerResult } from '../model.ts';
import { declaration } from '../schema.ts';
import { variableSource } from './env.ts';
import { readTextSettings, type TextSetting } from './text-settings.ts';

const PREFIX = 'APP_';

/** Layer 7: `APP_*`, the operator's overrides; `APP_A__B` reaches inside an object. */
export function appEnvLayer({ processEnv, dotenvNames }: LayerContext): LayerResult {
  const texts: TextSetting[] = [];
  for (const [name, text] of Object.entries(processEnv)) {
    if (text === undefined || !name.startsWith(PREFIX) || name === 'APP_ENV') continue;
    if (isServiceLink(name, text)) continue;
    const source = variableSource(name, dotenvNames);
    texts.push({ layer: 'app-env', path: pathOf(name), text, source });
  }
  return {
    ...readTextSettings(texts),
    sources: [{ source: 'APP_* variables', status: texts.length > 0 ? 'fresh' : 'absent' }],
  };
}

// The keys that start with APP_ themselves answer to their own name too.
function pathOf(name: string): string[] {
  const own = declaration(name.toUpperCase()) !== undefined;
  // The underscore of the prefix is one of two in APP__X, whose first segment is empty.
  const path = name.slice(PREFIX.length).split('__');
  return own
    ? [name]
    : path.flatMap((segment, index) =>
        index === 0 && segment.startsWith('_') ? ['', segment.slice(1)] : segment,
      );
}

/**
 * Whether Kubernetes set the variable, for a Service whose name starts with "app".
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
function isServiceLink(name: string, text: string): boolean {
  return (
    /^APP_(?:[A-Z0-9_]+_)?SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$/.test(name) ||
    /^APP_(?:[A-Z0-9_]+_)?PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(name) ||
    (/^APP_(?:[A-Z0-9_]+_)?PORT$/.test(name) && /^(?:tcp|udp|sctp):\/\//.test(text))
  );
}
