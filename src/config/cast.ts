import type { z } from 'zod';
import { copyPlain, NotPlainError } from './plain.ts';
import { choicesOf, describeType, kindOf } from './value-type.ts';

type Cast = { readonly value: unknown } | { readonly fault: string };

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const WORDS = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/**
 * Turn text from a file or a variable into a value, by the key's type and never by the look of the
 * text. A fault is a phrase without the text. The schema still validates what comes out.
 */
export function cast(type: z.ZodType, text: string): Cast {
  switch (kindOf(type)) {
    case 'text':
      return { value: text };
    case 'choice':
      return { value: choicesOf(type).find((choice) => sameWord(choice, text)) ?? text };
    case 'number':
      return castNumber(type, text);
    case 'boolean':
      return WORDS.has(text.toLowerCase()) ? { value: WORDS.get(text.toLowerCase()) } : wrong(type);
    case 'flag':
      return WORDS.has(text.toLowerCase())
        ? { value: WORDS.get(text.toLowerCase()) }
        : castJson(type, text);
    case 'list':
    case 'object':
      return castJson(type, text);
  }
}

function castNumber(type: z.ZodType, text: string): Cast {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? { value } : wrong(type);
}

function castJson(type: z.ZodType, text: string): Cast {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    return { fault: `is not valid JSON: expects ${describeType(type)}` };
  }
  return copyTyped(parsed);
}

/** Take a value that has its type already, or say why it is no plain data. */
export function copyTyped(value: unknown): Cast {
  try {
    return { value: copyPlain(value) };
  } catch (error) {
    if (error instanceof NotPlainError) return { fault: error.message };
    throw error;
  }
}

function sameWord(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function wrong(type: z.ZodType): Cast {
  return { fault: `expects ${describeType(type)}` };
}
