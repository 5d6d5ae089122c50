import { declarations } from '../../src/config/schema.ts';
import { readDefaults } from './defaults.ts';

const HEAD = `# Variables for development. Copy this file to .env and take the # off what you change.
# .env is read in development only, and never replaces a variable that is really set.
# Written by npm run docs; docs/configuration.md tells about every key.
`;

/** `.env.example`: every variable that needs no prefix, with its development default. */
export async function dotenvExample(): Promise<string> {
  const defaults = await readDefaults();
  const entries = [...declarations()]
    .filter(([, { bare }]) => bare)
    .map(([name, { doc }]) => `# ${doc}\n# ${name}=${quote(defaults.development(name) ?? '')}\n`);
  const override = '# Every other key answers to its name with APP_ before it.\n# APP_DEBUG=true\n';
  return [HEAD, ...entries, override].join('\n');
}

// A # would start a comment, and quotes would be taken off.
function quote(text: string): string {
  return /[#"'\s\\]/.test(text) ? `'${text}'` : text;
}
