/** The one place that reads the process's environment; everybody else is handed a map. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}
