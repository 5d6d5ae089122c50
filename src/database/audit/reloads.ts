import type { Logger } from 'pino';
import type { AppConfig } from '../../config/app-config.ts';
import type { ReloadResult } from '../../config/reload.ts';
import type { Database } from '../database.ts';
import type { AuditTrail } from './trail.ts';

/** Who asks for a reload through the door, which records it beforehand. */
const OPERATOR = 'operator ';

export function operatorNamed(username: string | undefined): string {
  return `${OPERATOR}${username}`;
}

/**
 * Gives the app's trail, which also keeps the reloads that files, stores and signals cause. Those
 * are recorded when they are done: the app follows a change that was made elsewhere, and a new
 * password of the database must not wait for an entry in that database.
 */
export function auditReloads(config: AppConfig, database: Database, log: Logger) {
  let trail: Promise<AuditTrail> | undefined;
  // Loaded with the first reload or the first request below /ops: a start needs nothing of it.
  const open = () => {
    trail ??= import('./trail.ts').then((it) => it.createAuditTrail(config, database, log));
    return trail;
  };
  let waiting = '';
  config.onReload(({ by, result, changed }) => {
    if (result === undefined) return;
    // What waits for a restart is found again by every reload, and is news once.
    const before = waiting;
    waiting = result.restartRequired.join();
    const isNews = changed.length > 0 || (waiting !== before && waiting !== '');
    if (!isNews || by.includes(OPERATOR)) return;
    // The trail has logged its failure.
    open()
      .then((it) => it.record({ outcome: 'done', ...reloadEvent(result, by) }))
      .catch(() => undefined);
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
