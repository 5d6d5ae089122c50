import type { AppConfig } from '../app-config.ts';
import { isAway } from '../model.ts';
import { ConfigError, summarizeProblem } from '../problem.ts';
import type { ReloadReport } from '../reload.ts';

type Write = (fields: object, text: string) => void;

/** Where the lines go: the methods of a logger. */
export type RefreshLog = Readonly<Record<'debug' | 'info' | 'warn' | 'error', Write>>;

/** Write a line for each reload, each hidden change, each new warning, each source that is back. */
export function reportReloads(config: AppConfig, log: RefreshLog, routine: string): void {
  let warned = warningsOf(config);
  let away = sourcesAway(config);
  let waiting = '';

  const tellResult = ({ by, changed, result, error }: ReloadReport) => {
    if (result === undefined) {
      const problems = error instanceof ConfigError ? error.problems.map(summarizeProblem) : error;
      const why = Array.isArray(problems) ? { problems } : { err: error };
      log.warn({ by, version: config.version, ...why }, 'reload refused: nothing was changed');
      return;
    }
    const { version, restartRequired, shadowed } = result;
    const isNews = changed.length > 0 || restartRequired.join() !== waiting;
    waiting = restartRequired.join();
    const line = { by, version, changed, restartRequired };
    if (isNews) log.info(line, 'reloaded');
    // A store that is asked every few minutes has mostly nothing to tell.
    else log[by === routine ? 'debug' : 'info'](line, 'reloaded: nothing is new');
    for (const one of shadowed) {
      log.warn(one, `${one.key} changed in ${one.source}, still overridden by ${one.hiddenBy}`);
    }
    if (error !== undefined) log.error({ err: error }, 'a part does not follow');
  };
  // One that goes away is among the warnings, with what to look at.
  const tellReturns = () => {
    const before = away;
    away = sourcesAway(config);
    for (const source of before) if (!away.has(source)) log.info({ source }, `${source} is back`);
  };
  const tellWarnings = () => {
    const before = warned;
    warned = warningsOf(config);
    for (const text of warned) if (!before.has(text)) log.warn({}, text);
  };
  config.onReload((report) => {
    tellResult(report);
    tellReturns();
    tellWarnings();
  });
}

function sourcesAway(config: AppConfig): Set<string> {
  return new Set(
    config
      .sources()
      .filter(isAway)
      .map(({ source }) => source),
  );
}

function warningsOf(config: AppConfig): Set<string> {
  return new Set(config.warnings().map(summarizeProblem));
}
