import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { placeFiles } from './support/app.ts';
import { PROJECT } from './support/process.ts';

// util-linux's `script` gives a program a terminal of its own.
const hasScript = /util-linux/.test(
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '',
);
const VARS = { APP_ENV: 'testing', PORT: '3001', APP_PORT: '3002', TERM: 'xterm-256color' };

/** What `src/cli.ts` prints on a terminal of this width, line by line. */
function onTerminal(columns: number, args: string, vars: Record<string, string> = {}) {
  const command = `stty cols ${columns}; exec "${process.execPath}" "${PROJECT}src/cli.ts" ${args}`;
  const { status, stdout } = spawnSync('script', ['-qefc', command, '/dev/null'], {
    cwd: placeFiles(),
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      SHELL: '/bin/sh',
      SECRETS_DIR: placeFiles(),
      ...VARS,
      ...vars,
    },
  });
  const text = stdout.replaceAll('\r\n', '\n').trimEnd();
  return { status, text, lines: stripVTControlCharacters(text).split('\n') };
}

describe.skipIf(!hasScript && process.env['CI'] === undefined)(
  'on a terminal (needs script of util-linux)',
  () => {
    test('120 columns show a table with origins and what each hides', () => {
      const { status, lines } = onTerminal(120, 'show-config');
      expect({ status, lines }).toEqual({
        status: 0,
        lines: [
          'ENV            testing          env APP_ENV',
          'DEBUG          true             TestingConfig',
          'APP_NAME       Strata           TestingConfig',
          'HOST           127.0.0.1        TestingConfig',
          'PORT           3002             env APP_PORT > env PORT > TestingConfig',
          'DATABASE_URL   sqlite::memory:  TestingConfig',
          'SESSION_STORE  memory           TestingConfig',
          'LOG_LEVEL      silent           TestingConfig',
        ],
      });
    });

    test('50 columns show the same, one under the other', () => {
      const { lines } = onTerminal(50, 'show-config PORT HOST');
      expect(lines).toEqual([
        'PORT',
        '  3002',
        '  env APP_PORT > env PORT > TestingConfig',
        'HOST',
        '  127.0.0.1',
        '  TestingConfig',
      ]);
    });

    test('a terminal that does not tell its width gets lines of a common one', () => {
      const { lines } = onTerminal(0, 'show-config PORT');
      expect(lines).toEqual(['PORT  3002  env APP_PORT > env PORT > TestingConfig']);
    });

    test.each([40, 80, 120])('%i columns hold every key without a broken column', (columns) => {
      const { status, lines } = onTerminal(columns, 'show-config --all');
      const starts = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(' ')[0]);
      expect(status).toBe(0);
      expect(starts).toEqual([...new Set(starts)]);
      expect(starts).toEqual(expect.arrayContaining(['CSP', 'RATE_LIMIT', 'SECRET_KEY']));
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
    });

    test('colour marks origins, and NO_COLOR turns it off', () => {
      expect(onTerminal(120, 'show-config PORT').text).toContain('\u001b[36menv APP_PORT');
      const plain = onTerminal(120, 'show-config PORT', { NO_COLOR: '1' }).text;
      expect(plain).not.toContain('\u001b');
    });

    test('explain shows the story with the winner marked', () => {
      const { status, lines } = onTerminal(120, 'explain PORT');
      expect(status).toBe(0);
      expect(lines.slice(-3)).toEqual([
        'wins  app-env  3002  env APP_PORT',
        '      env      3001  env PORT',
        '      class    0     TestingConfig',
      ]);
    });

    test('a value cannot steer the terminal', () => {
      const vars = { APP_APP_NAME: 'x\u001b]0;owned\u0007\nPORT=1' };
      const { text, lines } = onTerminal(120, 'show-config APP_NAME', { ...vars, NO_COLOR: '1' });
      expect(['\u001b', '\u0007'].filter((character) => text.includes(character))).toEqual([]);
      expect(lines).toHaveLength(1);
    });
  },
);
