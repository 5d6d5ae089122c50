import { isAway, isRemote, type SourceStatus } from '../model.ts';

const BACK_OFF_MS = 60_000;
// A timer that is given more fires at once.
const LONGEST_MS = 2 ** 31 - 1;

/** What is needed of a configuration. */
interface Refreshable {
  get(key: 'SECRETS_REFRESH_SECONDS'): number;
  sources(): readonly SourceStatus[];
  onChange(keys: ['SECRETS_REFRESH_SECONDS'], listener: () => void): () => void;
  nextRefreshAt: number | undefined;
}

/**
 * Call `reload` every SECRETS_REFRESH_SECONDS where there is a store to ask, and less often while
 * one is away. The answer ends it.
 */
export function pollStores(config: Refreshable, reload: () => Promise<unknown>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let ended = false;
  const plan = () => {
    clearTimeout(timer);
    const period = config.get('SECRETS_REFRESH_SECONDS') * 1000;
    const isOff = period === 0 || ended;
    const pause = pauseOf(period, failures);
    config.nextRefreshAt = isOff ? undefined : Date.now() + pause;
    if (!isOff) timer = setTimeout(ask, pause).unref();
  };
  const ask = async () => {
    if (config.sources().some(isRemote)) await reload();
    failures = config.sources().some(isAway) ? failures + 1 : 0;
    plan();
  };
  const end = config.onChange(['SECRETS_REFRESH_SECONDS'], plan);
  plan();
  return () => {
    ended = true;
    end();
    plan();
  };
}

// Jitter lets replicas that started together drift apart; it makes no refresh late.
function pauseOf(period: number, failures: number): number {
  if (failures === 0) return period * (0.8 + Math.random() * 0.2);
  const longest = Math.min(Math.max(4 * period, BACK_OFF_MS), LONGEST_MS);
  return Math.min(period * 2 ** failures, longest) * (0.5 + Math.random() * 0.5);
}
