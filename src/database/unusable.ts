import type { AppConfig } from '../config/app-config.ts';
import type { Problem } from '../config/model.ts';
import { ConfigError } from '../config/problem.ts';

/** The error of a service that cannot be used: one sentence with its masked URL. */
export function unusable(
  config: AppConfig,
  service: string,
  key: 'DATABASE_URL' | 'REDIS_URL',
  { reason, ...problem }: Pick<Problem, 'reason' | 'remedy' | 'unreachable'>,
): ConfigError {
  const origin = config.origin(key)?.source;
  return new ConfigError(`${service} cannot be used:`, [
    { key, ...(origin && { origin }), ...problem, reason: `${config.get(key)} ${reason}` },
  ]);
}
