import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { PROJECT } from '../support/process.ts';
import { ADMIN_KEY, listening } from './signer.ts';

const run = promisify(execFile);
const PAGE = readFileSync(join(PROJECT, 'docs/signed-requests.md'), 'utf8');
const PATH = '/usr/bin:/bin:/usr/local/bin';

/** An example of the page, as it would run against the app of a test. */
function example(language: string): string {
  const [, text = ''] = new RegExp(`\`\`\`${language} ci\\n([\\s\\S]*?)\`\`\``).exec(PAGE) ?? [];
  return text.replaceAll('production/Strata', 'testing/Strata');
}

describe('the page on signed requests', () => {
  test('its lines for a shell reload the app', async () => {
    using app = await listening();
    const env = { PATH, SIGNING_KEY: ADMIN_KEY.key, APP_URL: app.url };
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', example('sh')], { env });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, changes: [] });
  });

  test('its lines for Node sign with the package standardwebhooks', async () => {
    using app = await listening();
    // Where the package is found: beside the project's own modules.
    const file = join(PROJECT, 'node_modules', `.example-${process.pid}.mjs`);
    writeFileSync(file, example('js'));
    const env = { SIGNING_KEY: ADMIN_KEY.key, APP_URL: app.url };
    const { stdout } = await run(process.execPath, [file], { env });
    expect(stdout).toMatch(/^200 \{"ok":true/);
  });
});
