import type { AppConfig } from './app-config.ts';
import { inTime } from './in-time.ts';
import { instanceFiles } from './layers/instance.ts';
import { namedFiles } from './layers/secret-files.ts';
import type { LoadRequest } from './load.ts';
import { ConfigError } from './problem.ts';
import { pollStores } from './refresh/poll.ts';
import { type RefreshLog, reportReloads } from './refresh/report.ts';
import { watchFiles } from './refresh/watch.ts';
import { StoreAwayError } from './store-away.ts';

const CLOSE_PATIENCE_MS = 2_000;
const POLL = 'refresh of the stores';

/**
 * Reload when a file of the configuration changes, and every SECRETS_REFRESH_SECONDS from the
 * stores; log how each reload went, whoever asked for it. A file that changed after `since`, the
 * time (ms since the epoch) when the first load began, is read again. The answer ends it, and waits
 * for a reload under way.
 */
export function keepFresh(
  config: AppConfig,
  request: LoadRequest,
  log: RefreshLog,
  since: number,
): () => Promise<void> {
  reportReloads(config, log, POLL);
  // How it went is in the report; `false` where the same news may be taken later.
  const reload = (by: string) => config.reload({ by }).then(() => true, isFinal);
  const named = namedFiles(request.processEnv).map(({ file }) => file);
  const files = [...instanceFiles(config.instanceDir), ...named];
  const watch = () => {
    const places = { folders: [config.get('SECRETS_DIR')], files, since };
    return watchFiles(places, () => reload('changed file'));
  };
  let endWatch = watch();
  const endFollow = config.onChange(['SECRETS_DIR'], () => {
    endWatch();
    endWatch = watch();
  });
  const endPoll = pollStores(config, () => reload(POLL));
  return async () => {
    endFollow();
    endWatch();
    endPoll();
    // One that hangs is refused later, since it cannot be recorded any more.
    await inTime(config.settled(), CLOSE_PATIENCE_MS).catch(() => undefined);
  };
}

// Where something was away, or the reload could not be recorded, the same may do later.
function isFinal(error: unknown): boolean {
  const isAway =
    error instanceof ConfigError && error.problems.some(({ unreachable }) => unreachable);
  return !(isAway || error instanceof StoreAwayError);
}

/** @throws where a store has been away for longer than CONFIG_MAX_STALE_SECONDS */
export async function assertNotStale(config: AppConfig): Promise<void> {
  const longest = config.get('CONFIG_MAX_STALE_SECONDS') ?? Number.POSITIVE_INFINITY;
  const isOld = config.sources().some((one) => one.status === 'stale' && one.ageSeconds > longest);
  if (isOld) throw new Error('the configuration is stale');
}
