import type { Key, Keys } from '../../src/config/key.ts';
import { coreKeys } from '../../src/config/keys/core.ts';
import { databaseKeys } from '../../src/config/keys/database.ts';
import {
  expiryOf,
  FLAGS,
  type FlagDeclaration,
  flagKeys,
  flagStoreKeys,
  isFlagName,
} from '../../src/config/keys/flags.ts';
import { httpKeys } from '../../src/config/keys/http.ts';
import { opsKeys } from '../../src/config/keys/ops.ts';
import { securityKeys } from '../../src/config/keys/security.ts';
import { sourceKeys, storeKeys } from '../../src/config/keys/stores.ts';
import { vendorKeys } from '../../src/config/keys/vendors.ts';
import { describeType } from '../../src/config/value-type.ts';
import { variablesOf } from '../../src/config/variables.ts';
import { type Defaults, readDefaults } from './defaults.ts';

const GROUPS: readonly (readonly [title: string, keys: Keys])[] = [
  ['Core', coreKeys],
  ['HTTP', httpKeys],
  ['Security', securityKeys],
  ['Database', databaseKeys],
  ['Stores', storeKeys],
  ['Sources', sourceKeys],
  ['Operators', opsKeys],
  ['Flag overrides', flagStoreKeys],
  ['Flag vendors', vendorKeys],
  ['Feature flags', flagKeys],
];

const SHOWN = {
  public: 'shown',
  secret: 'never shown',
  dsn: 'shown as a URL with user, password and options masked',
};
const CHANGED = { live: 'applied by a reload', restart: 'applied by a restart' };

const INTRODUCTION = `# Configuration keys

Written by \`npm run docs\` from \`src/config/keys/\` and \`src/config/environments.ts\`.

\`APP_ENV\` chooses the environment (\`development\`, \`testing\`, \`staging\`, \`production\`), and
\`INSTANCE_DIR\` another folder than \`instance/\`. Every key but \`ENV\` can be set in
\`instance/config.toml\` and \`instance/config.ts\`, in a file of \`SECRETS_DIR\` with the key's name in
lower case (\`SECRETS_DIR\` itself cannot), and with the variables listed here. Lists and objects are
written as JSON in variables and secret files; \`APP_RATE_LIMIT__MAX=500\` reaches inside an object.
`;

/** `docs/configuration.md`: every key, by concern. */
export async function configurationPage(): Promise<string> {
  const defaults = await readDefaults();
  const groups = GROUPS.map(([title, keys]) => {
    const entries = Object.entries(keys).map(([name, key]) => entry(name, key, defaults));
    return `## ${title}\n\n${entries.join('\n')}`;
  });
  return [INTRODUCTION, ...groups].join('\n');
}

function entry(name: string, key: Key, defaults: Defaults): string {
  const isDerived = name === 'ENV';
  const lines = [
    `### \`${name}\``,
    '',
    key.doc,
    '',
    `- Takes ${describeType(key.type)}.`,
    `- Default: ${isDerived ? 'derived' : describeDefaults(name, defaults)}.`,
    ...(isDerived ? [] : [`- Variables: ${variables(name, key)}.`]),
    `- Value ${SHOWN[key.visibility]}; a change is ${CHANGED[key.reload]}${exception(key)}.`,
    ...(isFlagName(name) ? [describeFlag(FLAGS[name])] : []),
    '',
  ];
  return lines.join('\n');
}

function describeFlag(flag: FlagDeclaration): string {
  const expiry = expiryOf(flag);
  const end = expiry === undefined ? 'here to stay' : `to be gone by ${expiry}`;
  return `- Kind ${flag.kind}, owner ${flag.owner}, ${end}.`;
}

function exception({ fixedPart, waitsWith }: Key): string {
  if (waitsWith !== undefined)
    return `, or with ${waitsWith.map((one) => `\`${one}\``).join(' or ')} by a restart`;
  return fixedPart === undefined ? '' : ', of the password alone by a reload';
}

function variables(name: string, key: Key): string {
  const fromFile = key.bare && !key.notFrom?.includes('secret-files');
  const names = [...variablesOf(name, key), ...(fromFile ? [`${name}_FILE`] : [])];
  return names.map((variable) => `\`${variable}\``).join(', ');
}

function describeDefaults(name: string, defaults: Defaults): string {
  const code = (text: string | undefined) => (text === undefined ? 'not set' : `\`${text}\``);
  const base = code(defaults.production(name));
  const others = (['development', 'testing'] as const)
    .map((environment) => [environment, code(defaults[environment](name))] as const)
    .filter(([, text]) => text !== base);
  return [base, ...others.map(([environment, text]) => `${text} in ${environment}`)].join('; ');
}
