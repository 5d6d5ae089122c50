import type { AppConfig } from '../app-config.ts';
import { isAway } from '../model.ts';
import { ConfigError, summarizeProblem } from '../problem.ts';
import type { ReloadReport } from '../reload.ts';

/** Where the lines go: the methods of a logger. */
export type RefreshLog = Readonly<
  Record<'debug' | 'info' | 'warn' | 'error', (fields: object, text: string) => void>
>;

/** Write a line for each reload, each hidden change, each new warning, each source that is back. */
export function reportReloads(config: AppConfig, log: RefreshLog, routine: string): void {
  const away = () => new Set(config.sources().flatMap((one) => (isAway(one) ? one.source : [])));
  const warnings = () => new Set(config.warnings().map(summarizeProblem));
  let before = { away: away(), warnings: warnings() };

  const tellResult = ({ by, changed, isNews, result, error }: ReloadReport) => {
    if (result === undefined) {
      const problems = error instanceof ConfigError && error.problems.map(summarizeProblem);
      const why = problems ? { problems } : { err: error };
      log.warn({ by, version: config.version, ...why }, 'reload refused: nothing was changed');
      return;
    }
    const { version, restartRequired, shadowed } = result;
    const line = { by, version, changed, restartRequired };
    if (isNews) log.info(line, 'reloaded');
    // A store that is asked every few minutes has mostly nothing to tell.
    else log[by === routine ? 'debug' : 'info'](line, 'reloaded: nothing is new');
    for (const one of shadowed) {
      log.warn(one, `${one.key} changed in ${one.source}, still overridden by ${one.hiddenBy}`);
    }
    if (error !== undefined) log.error({ err: error }, 'a part does not follow');
  };
  config.onReload((report) => {
    tellResult(report);
    const now = { away: away(), warnings: warnings() };
    // One that goes away is among the warnings, with what to look at.
    for (const source of before.away.difference(now.away)) {
      log.info({ source }, `${source} is back`);
    }
    for (const text of now.warnings.difference(before.warnings)) log.warn({}, text);
    before = now;
  });
}
