import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../support/process.ts';

/** An instruction of a Dockerfile, its continuation lines joined. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of the Dockerfile, in order. */
export function dockerfile(): Instruction[] {
  return readProject('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', text: line.replace(/^\S+ /, '') }));
}

/** The text of all instructions of a name. */
export function instructions(name: string): string[] {
  return dockerfile()
    .filter((instruction) => instruction.name === name)
    .map(({ text }) => text);
}

/** The words of a command in exec form: `CMD ["node", "src/server.ts"]`. @throws for shell form */
export function execForm(text = ''): string[] {
  return JSON.parse(text.slice(text.indexOf('[')));
}

export function readProject(path: string): string {
  return readFileSync(join(PROJECT, path), 'utf8');
}
