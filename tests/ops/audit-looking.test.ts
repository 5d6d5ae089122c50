import { describe, expect, onTestFinished, test } from 'vitest';
import { runAudit } from '../../src/database/audit/commands.ts';
import { temporaryFolder } from '../support/app.ts';
import { lacksPostgres, startPostgres } from '../support/postgres.ts';
import { runCli } from '../support/process.ts';
import { writtenChain } from './chain.ts';

const HUGE = '1152921504606846976';

/** A chain in a database that lasts, and what the commands say of it. */
async function openWritten(entries: number, url = `sqlite:///${temporaryFolder()}/audit.db`) {
  const chain = await writtenChain(entries, { DATABASE_URL: url });
  const lines: string[] = [];
  const run = async (what: string, print = (line: string) => void lines.push(line)) => {
    lines.length = 0;
    return runAudit(chain.app.locals.config, what, { lines: 20, json: true }, print);
  };
  return { chain, url, run, said: () => lines.map((line) => JSON.parse(line)) };
}

test('without the table they tell that the database does not let them read', async () => {
  const { chain, run } = await openWritten(1);
  await chain.tamper('DROP TABLE audit');
  for (const what of ['verify', 'tail', 'export']) {
    await expect(run(what)).rejects.toMatchObject({
      message: expect.stringMatching(/^the audit trail cannot be read:/),
      problems: [{ key: 'DATABASE_URL', unreachable: true }],
    });
  }
});

test('a database that lacks a migration is exit 2, and npm run migrate is named', async () => {
  const { chain, url } = await openWritten(1);
  await chain.tamper("DELETE FROM migrations WHERE name LIKE '0004%'; DROP TABLE signed_requests");
  for (const words of [['flags'], ['audit', 'tail']]) {
    const ended = await runCli(words, { vars: { DATABASE_URL: url } });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/ lacks tables of this version\n/);
    expect(ended.stderr).toMatch(/ do: +run npm run migrate\n/);
  }
});

describe.each([
  ['SQLite', false, async () => undefined],
  [
    'PostgreSQL',
    lacksPostgres,
    async () => {
      const postgres = await startPostgres();
      onTestFinished(() => postgres.remove());
      return postgres.url();
    },
  ],
])('on %s', (_name, isMissing, open) => {
  test.skipIf(isMissing)('a number beyond those of JavaScript is told as a change', async () => {
    const { chain, run, said } = await openWritten(3, await open());
    await chain.tamper(`UPDATE audit SET config_version = ${HUGE} WHERE sequence = 2`);
    expect(await run('verify')).toBe(3);
    expect(said()).toMatchObject([{ bad: { sequence: 2, reason: 'was changed' } }]);
    await chain.tamper(`UPDATE audit SET sequence = ${HUGE} WHERE sequence = 3`);
    for (const [what, count] of [['tail', 3] as const, ['export', 3] as const]) {
      expect(await run(what)).toBe(0);
      expect(said()).toHaveLength(count);
    }
    await chain.tamper(`DELETE FROM audit WHERE sequence < 3`);
    expect(await run('verify')).toBe(3);
  });
});
