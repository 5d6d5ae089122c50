import type { Logger } from 'pino';
import type { AppConfig } from '../../config/app-config.ts';
import type { ReloadResult } from '../../config/reload.ts';
import type { Database } from '../database.ts';
import type { AuditTrail } from './trail.ts';

/**
 * Gives the app's trail, which also keeps the reloads that files, stores and signals cause. They
 * are written down before they count, like everything else: without an entry nothing changes.
 */
export function auditReloads(config: AppConfig, database: Database, log: Logger) {
  let trail: Promise<AuditTrail> | undefined;
  // Loaded with the first reload or the first request below /ops: a start needs nothing of it.
  const open = () => {
    trail ??= import('./trail.ts').then((it) => it.createAuditTrail(config, database, log));
    return trail;
  };
  const record = async (outcome: 'done' | 'failed', result: ReloadResult, by: string) =>
    (await open()).record({ outcome, ...reloadEvent(result, by) });
  config.confirmReloads((result, by) => record('done', result, by));
  config.onReload(({ by, result, error }) => {
    // The trail has logged its failure.
    if (result && error) record('failed', result, by).catch(() => undefined);
  });
  return open;
}

/** A reload as the trail keeps it: the names of keys, with fingerprints where a value is hidden. */
export function reloadEvent({ changes, restartRequired }: ReloadResult, by?: string) {
  const hidden = changes.filter(({ before, after }) => before.fingerprint ?? after.fingerprint);
  const fingerprints = hidden.map(({ key, before, after }) => [
    key,
    [before.fingerprint ?? null, after.fingerprint ?? null],
  ]);
  const changed = changes.map(({ key }) => key);
  return {
    action: 'config.reload' as const,
    detail: { by, changed, restartRequired, fingerprints: Object.fromEntries(fingerprints) },
  };
}
