import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Ask for a secret on the terminal without echo; off a terminal, read one line. Nothing comes as ''. */
export async function askSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n[\s\S]*$/, '');
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silence, terminal: true });
  // Only now is the echo off: who is fast must not be asked before.
  process.stderr.write(question);
  try {
    // Whoever leaves with Ctrl-C or Ctrl-D has given none.
    return await lines.question('').catch(() => '');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
