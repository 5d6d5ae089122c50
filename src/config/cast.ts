import type { z } from 'zod';
import { copyPlain, NotPlainError, parseJson } from './plain.ts';
import { choicesOf, describeType, kindOf } from './value-type.ts';

type Cast = { readonly value: unknown } | { readonly fault: string };

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const TRUE = ['true', '1', 'yes', 'on'];
const FALSE = ['false', '0', 'no', 'off'];

/**
 * Turn text from a file or a variable into a value, by the key's type and never by the look of the
 * text. A fault is a phrase without the text. The schema still validates what comes out.
 */
export function cast(type: z.ZodType, text: string): Cast {
  const word = text.toLowerCase();
  const isSwitch = TRUE.includes(word) || FALSE.includes(word);
  const number = DECIMAL.test(text) ? Number(text) : Number.NaN;
  switch (kindOf(type)) {
    case 'enum':
      return { value: choicesOf(type).find((choice) => choice.toLowerCase() === word) ?? text };
    case 'number':
      return Number.isFinite(number) ? { value: number } : wrong(type);
    case 'boolean':
      return isSwitch ? { value: TRUE.includes(word) } : wrong(type);
    // A flag is a switch or an object.
    case 'union':
      return isSwitch ? { value: TRUE.includes(word) } : castJson(type, text);
    case 'array':
    case 'object':
      return castJson(type, text);
    default:
      return { value: text };
  }
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

function castJson(type: z.ZodType, text: string): Cast {
  const parsed = parseJson(text);
  if (parsed === undefined) return { fault: `is not valid JSON: expects ${describeType(type)}` };
  return copyTyped(parsed);
}

function wrong(type: z.ZodType): Cast {
  return { fault: `expects ${describeType(type)}` };
}
