import { Argument, Command } from 'commander';
import { AppConfig } from './config/app-config.ts';
import { readDotenv } from './config/dotenv.ts';
import { isFlagName } from './config/keys/flags.ts';
import { loadConfig } from './config/load.ts';
import type { Problem } from './config/model.ts';
import { ConfigError, describeFailure, formatProblem, summarizeProblem } from './config/problem.ts';
import { processEnvironment } from './config/process-env.ts';
import {
  describeKey,
  reportHidden,
  reportSources,
  reportStory,
  reportValues,
} from './config/report.ts';
import { isKeyName, KEYS, type KeyName } from './config/schema.ts';
import { unknownKeyError } from './config/view.ts';
import type { FlagDesk } from './flags/commands.ts';

// Node would print the message of an error, which may quote a secret.
process.on('uncaughtException', (error) => {
  console.error(describeFailure(error, 'This command failed.'));
  process.exit(exitCode(error instanceof ConfigError ? error.problems : []));
});

const CORE = 'ENV DEBUG APP_NAME HOST PORT DATABASE_URL SESSION_STORE LOG_LEVEL'.split(' ');
const JSON_OPTION = ['--json', 'print JSON'] as const;

type Options = Partial<Record<'all' | 'origin' | 'sources' | 'json', true>>;

const program = new Command('strata')
  .description('Look at this app and operate it.')
  .option('--env <NAME>', 'the environment, instead of the one that is set')
  .configureHelp({ showGlobalOptions: true });

program
  .command('show-config')
  .description('show the values in use, masked, and where each comes from')
  .argument('[KEY...]', 'the keys to show; without any, the core keys')
  .option('--all', 'show every key')
  .option('--origin', 'show origins off a terminal, too')
  .option('--sources', 'show how each source answered, instead of values')
  .option(...JSON_OPTION)
  .action(async (words: string[], { all, sources, ...options }: Options) => {
    const asked = words.length > 0 ? words.map(parseKey) : CORE;
    const { loaded } = await load();
    const format = { ...options, terminal: terminal() };
    if (sources) print(reportSources(loaded, format));
    else print(reportValues(loaded, all ? Object.keys(KEYS) : asked, format));
    complain(loaded.problems);
  });

program
  .command('explain')
  .description('show what every layer says about a key, the winner first')
  .argument('<KEY>', 'the key')
  .option(...JSON_OPTION)
  .action(async (word: string, options: Options) => {
    const key = parseKey(word);
    const { loaded, config } = await load();
    console.error(`${describeKey(key)}\n`);
    const story = reportStory(loaded, key, { ...options, terminal: terminal() });
    if (story === '') console.error('No layer sets it.');
    else print(story);
    for (const line of reportHidden(loaded, key)) console.error(line);
    complain(loaded.problems);
    if (isFlagName(key) && loaded.problems.length === 0) {
      const { noteOverride } = await import('./flags/commands.ts');
      await noteOverride(key, config(), { withFlags, note: console.error });
    }
  });

program
  .command('check-config')
  .description('check the configuration: exit 0 fine, 1 not valid, 2 a source cannot be reached')
  .action(async () => {
    const { loaded } = await load();
    for (const line of reportHidden(loaded)) console.error(line);
    complain(loaded.problems);
    // A store that may be away is no problem for a start, but its values were not checked.
    if (loaded.warnings.some(({ unreachable }) => unreachable)) process.exitCode = 2;
    else if (loaded.problems.length === 0)
      print(`The configuration for ${loaded.chosen.name} is valid.`);
  });

program
  .command('migrate')
  .description('bring the tables of the database up to date')
  .action(async () => {
    const { config } = await load();
    const { connectDatabase } = await import('./database/connect.ts');
    const { database, migrated } = await connectDatabase(config());
    await database.close();
    print(migrated.length === 0 ? 'Nothing to do.' : migrated.join('\n'));
  });

program
  .command('flags [WORDS...]')
  .description('list the flags, and where code uses them; set NAME VALUE and unset NAME override')
  .option('--check', 'exit 1 where a flag has expired, has no owner, or is used nowhere')
  .option('--reason <TEXT>', 'why it is set')
  .option('--ttl <SECONDS>', 'how long it is set', Number)
  .option(...JSON_OPTION)
  .action(async (words: string[], options) => {
    const { runFlags } = await import('./flags/commands.ts');
    const desk = { load, withFlags, data: print, note: console.error, terminal: terminal() };
    process.exitCode = await runFlags(words, options, desk);
  });

program
  .command('hash-password')
  .description('ask for a password, and print its hash for OPS_USERS')
  .action(async () => {
    const { askSecret } = await import('./config/ask-secret.ts');
    const { hashPassword } = await import('./config/password.ts');
    const password = await askSecret('Password: ');
    if (password === '') program.error('The password is empty.');
    print(await hashPassword(password));
  });

program
  .command('sign <METHOD> <PATH>')
  .description('print a curl command whose request is signed with a key of OPS_SIGNING_KEYS')
  .option('--data <JSON>', 'members of the body, beside action and audience')
  .option('--key <ID>', 'the key to sign with, instead of the first one')
  .option('--url <URL>', 'where the app answers, instead of where it would listen')
  .action(async (method: string, path: string, options) => {
    const { config } = await load();
    const { signedCurl } = await import('./http/signed-curl.ts');
    print(signedCurl(config(), method, path, options));
  });

program
  .command('audit')
  .description('check the audit trail (verify: exit 0 whole, 3 broken), or print it')
  .addArgument(new Argument('<WHAT>').choices(['verify', 'tail', 'export']))
  .option('--anchor <FILE>', 'verify also against the lines of this log')
  .option('--lines <N>', 'how many entries tail prints', Number, 20)
  .option(...JSON_OPTION)
  .action(async (what: string, options) => {
    const { config } = await load();
    const { runAudit } = await import('./database/audit/commands.ts');
    process.exitCode = await runAudit(config(), what, options, print);
  });

const withFlags: FlagDesk['withFlags'] = async (config, work, options) => {
  const { connectDatabase } = await import('./database/connect.ts');
  const { openRedis } = await import('./database/redis.ts');
  const { createFlagStore } = await import('./flags/store.ts');
  const { createAuditTrail } = await import('./database/audit/trail.ts');
  const { createLog } = await import('./http/log.ts');
  await using opened = new AsyncDisposableStack();
  const { database } = await connectDatabase(config, options);
  opened.defer(() => database.close());
  const redis = opened.adopt(await openRedis(config), (it) => it?.destroy());
  const flags = opened.adopt(await createFlagStore(config, database, redis), (it) => it.close());
  const log = await createLog(config, process.stderr);
  return await work(flags, createAuditTrail(config, database, log));
};

// Whoever reads along may have seen enough, as `head` has.
process.stdout.on('error', () => process.exit(1));
await program.parseAsync();

async function load() {
  const environment: string | undefined = program.opts()['env'];
  const processEnv = processEnvironment();
  const { names: dotenvNames, warnings } = await readDotenv(environment, processEnv);
  const request = { environment, processEnv, dotenvNames, instanceDir: undefined, overrides: {} };
  const loaded = await loadConfig(request);
  for (const warning of [...warnings, ...loaded.warnings])
    console.error(`warning: ${summarizeProblem(warning)}`);
  return { loaded, config: () => new AppConfig(request, loaded) };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function terminal() {
  const { isTTY, columns } = process.stdout;
  // Some terminals do not tell their width and say 0.
  return isTTY ? { columns: columns || 80, colour: process.stdout.hasColors() } : undefined;
}

function complain(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  console.error(`\n${problems.map(formatProblem).join('\n')}`);
  process.exitCode = exitCode(problems);
}

function exitCode(problems: readonly Problem[]): number {
  return problems.some(({ unreachable }) => unreachable) ? 2 : 1;
}

// Not where commander parses arguments: its message would repeat what may be a secret.
function parseKey(text: string): KeyName {
  const name = text.toUpperCase();
  return isKeyName(name) ? name : program.error(`error: ${unknownKeyError(text).message}`);
}
