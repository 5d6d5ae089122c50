import { Command, InvalidArgumentError } from 'commander';
import { readDotenv } from './config/dotenv.ts';
import { type Loaded, loadConfig } from './config/load.ts';
import type { Problem } from './config/model.ts';
import { ConfigError, formatProblem, summarizeProblem } from './config/problem.ts';
import { processEnvironment } from './config/process-env.ts';
import { declaration, isKeyName, type KeyName } from './config/schema.ts';
import { type Row, renderLines, renderTable } from './config/table.ts';
import { explainKey, maskedValues, originOf, unknownKeyError } from './config/view.ts';

const CORE: readonly KeyName[] = [
  ...(['ENV', 'DEBUG', 'APP_NAME', 'HOST', 'PORT'] as const),
  ...(['DATABASE_URL', 'SESSION_STORE', 'LOG_LEVEL'] as const),
];

interface ShowOptions {
  readonly env?: string;
  readonly all?: true;
  readonly origin?: true;
  readonly sources?: true;
  readonly json?: true;
}

const program = new Command('strata').description('Look at the configuration of this app.');

program
  .command('show-config')
  .description('show the values in use, masked, and where each comes from')
  .argument('[KEY...]', 'the keys to show; without any, the core keys', collectKey)
  .option('--env <NAME>', 'the environment, instead of the one that the variables choose')
  .option('--all', 'show every key')
  .option('--origin', 'show origins off a terminal, too')
  .option('--sources', 'show how each source answered, instead of values')
  .option('--json', 'print JSON')
  .action(async (keys: KeyName[], options: ShowOptions) => {
    const loaded = await load(options.env);
    if (options.sources) return printSources(loaded, options);
    const masked = maskedValues(loaded);
    const asked = keys.length > 0 ? keys : CORE;
    const chosen = options.all ? Object.keys(masked) : asked;
    const rows = chosen.map((name) => describeKey(loaded, name, masked[name]));
    if (options.json) printJson(rows.map((row) => [row.name, valueJson(loaded, row, options)]));
    else print(rows, options.origin === true);
    report(loaded.problems);
  });

program
  .command('explain')
  .description('show what every layer says about a key, the winner first')
  .argument('<KEY>', 'the key', parseKey)
  .option('--env <NAME>', 'the environment, instead of the one that the variables choose')
  .option('--json', 'print JSON')
  .action(async (key: KeyName, options: ShowOptions) => {
    const loaded = await load(options.env);
    const said = explainKey(loaded, key);
    if (options.json) process.stdout.write(`${JSON.stringify(said, undefined, 2)}\n`);
    else printStory(key, said);
    report(loaded.problems);
  });

program
  .command('check-config')
  .description('check the configuration: exit 0 fine, 1 not valid, 2 a source cannot be reached')
  .option('--env <NAME>', 'the environment, instead of the one that the variables choose')
  .action(async (options: ShowOptions) => {
    const loaded = await load(options.env);
    report(loaded.problems);
    if (loaded.problems.length > 0) return;
    process.stdout.write(`The configuration for ${loaded.chosen.name} is valid.\n`);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : describeFailure(error));
  process.exitCode = 1;
}

async function load(environment: string | undefined): Promise<Loaded> {
  const processEnv = processEnvironment();
  const dotenv = readDotenv(environment, processEnv);
  const loaded = await loadConfig({
    environment,
    processEnv,
    dotenvNames: dotenv.names,
    instanceDir: undefined,
    overrides: {},
  });
  for (const warning of [...dotenv.warnings, ...loaded.warnings]) {
    console.error(`warning: ${summarizeProblem(warning)}`);
  }
  return loaded;
}

function describeKey(loaded: Loaded, name: string, value: unknown): Row {
  const sources = (loaded.contributions.get(name) ?? []).map(({ source }) => source);
  return { name, value, origin: sources.at(-1) ?? '-', over: sources.slice(0, -1).reverse() };
}

function valueJson(loaded: Loaded, { name, value }: Row, options: ShowOptions): unknown {
  if (!options.origin) return value ?? null;
  return { value: value ?? null, origin: originOf(loaded, name) ?? null };
}

function printStory(key: KeyName, said: ReturnType<typeof explainKey>): void {
  const { visibility, reload, doc } = declaration(key) ?? {};
  console.error(`${key} (${visibility}, ${reload}): ${doc}\n`);
  const rows = said.map(({ layer, source, value, fingerprint }, index) => ({
    name: `${index === 0 ? 'wins ' : '     '} ${layer}`,
    value: fingerprint === undefined ? value : `${value} [${fingerprint}]`,
    origin: source,
  }));
  if (rows.length === 0) console.error('No layer sets it.');
  else process.stdout.write(`${renderTable(rows, terminal())}\n`);
}

function printSources(loaded: Loaded, { json }: ShowOptions): void {
  if (json) process.stdout.write(`${JSON.stringify(loaded.sources, undefined, 2)}\n`);
  else {
    const rows = loaded.sources.map(({ layer, source, status, keys }) => ({
      name: layer,
      value: status,
      origin: status === 'fresh' ? `${source} (${keys === 1 ? '1 key' : `${keys} keys`})` : source,
    }));
    process.stdout.write(`${renderTable(rows, terminal())}\n`);
  }
  report(loaded.problems);
}

function print(rows: readonly Row[], withOrigin: boolean): void {
  const text = process.stdout.isTTY ? renderTable(rows, terminal()) : renderLines(rows, withOrigin);
  process.stdout.write(`${text}\n`);
}

function printJson(entries: readonly (readonly [string, unknown])[]): void {
  process.stdout.write(`${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
}

function terminal() {
  const { isTTY, columns } = process.stdout;
  return { columns: isTTY ? columns : 100, colour: isTTY && process.stdout.hasColors() };
}

function report(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  console.error(`\n${problems.map(formatProblem).join('\n')}`);
  process.exitCode = problems.some(({ unreachable }) => unreachable) ? 2 : 1;
}

function parseKey(text: string): KeyName {
  const name = text.toUpperCase();
  if (isKeyName(name)) return name;
  throw new InvalidArgumentError(unknownKeyError(text).message);
}

function collectKey(text: string, earlier: KeyName[] | undefined): KeyName[] {
  return [...(earlier ?? []), parseKey(text)];
}

// Only our own errors are printed whole: a library's message may quote a value.
function describeFailure(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
  const places = frames.filter((line) => /^\s+at /.test(line));
  return ['This failed for a reason that is not your configuration.', ...places].join('\n');
}
