import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationPage } from './docs/configuration-page.ts';
import { dotenvExample } from './docs/dotenv-example.ts';
import { precedenceTable, withSection } from './docs/precedence-table.ts';

const PROJECT = new URL('../', import.meta.url);
const isCheck = process.argv.includes('--check');

const readme = read('README.md');
const pages = {
  'docs/configuration.md': await configurationPage(),
  '.env.example': await dotenvExample(),
  'README.md': withSection(readme, 'precedence', precedenceTable()),
};

const stale = Object.entries(pages).filter(([name, text]) => read(name) !== text);
for (const [name, text] of isCheck ? [] : stale) writeFileSync(pathOf(name), text);
for (const [name] of stale) console.log(isCheck ? `${name} is not up to date` : `wrote ${name}`);
if (isCheck && stale.length > 0) {
  console.log('Run: npm run docs');
  process.exitCode = 1;
}

function read(name: string): string {
  try {
    return readFileSync(pathOf(name), 'utf8');
  } catch {
    return '';
  }
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, PROJECT));
}
