import type { LayerContext, LayerResult } from '../model.ts';
import { declaration } from '../schema.ts';
import { variableSource } from '../variables.ts';
import { readEntries } from './entries.ts';

/** Layer 7: `APP_*`, the operator's overrides; `APP_A__B` reaches inside an object. */
export function appEnvLayer({ processEnv, dotenvNames }: LayerContext): LayerResult {
  const entries = Object.entries(processEnv).flatMap(([name, value]) => {
    if (value === undefined || !name.startsWith('APP_') || name === 'APP_ENV') return [];
    if (isServiceLink(name, value)) return [];
    return [{ path: pathOf(name), value, source: variableSource(name, dotenvNames) }];
  });
  return {
    ...readEntries('app-env', entries),
    sources: [{ source: 'APP_* variables', status: entries.length > 0 ? 'fresh' : 'absent' }],
  };
}

function pathOf(name: string): string[] {
  // The keys that start with APP_ themselves answer to their own name too.
  if (declaration(name.toUpperCase()) !== undefined) return [name];
  // The underscore of the prefix is one of two in APP__X, whose first segment is empty.
  return name
    .slice('APP_'.length)
    .replace(/^_(?!_)/, '__')
    .split('__');
}

/**
 * Whether Kubernetes set the variable, for a Service whose name starts with "app".
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
function isServiceLink(name: string, value: string): boolean {
  return (
    /^APP_(?:\w+_)?SERVICE_(?:HOST|PORT(?:_\w+)?)$/.test(name) ||
    /^APP_(?:\w+_)?PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(name) ||
    (/^APP_(?:\w+_)?PORT$/.test(name) && /^(?:tcp|udp|sctp):\/\//.test(value))
  );
}
