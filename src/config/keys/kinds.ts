import { z } from 'zod';
import type { Key } from '../key.ts';

/** What several keys have in common: gives a function that declares one from its type and doc. */
export function kindOfKey<const Common extends Omit<Key, 'type' | 'doc'>>(common: Common) {
  return <Type extends z.ZodType>(type: Type, doc: string) => ({ type, doc, ...common });
}

// Shared by many keys, since each type that is made takes its time at every start.

/** Text that is not empty. */
export const text = z.string().min(1);
export const optionalText = text.optional();
export const toggle = z.boolean();
/** A whole number from 0 up. */
export const count = z.int().min(0);
/** A whole number from 1 up. */
export const positive = z.int().min(1);
export const optionalPositive = positive.optional();
// A timer that is set for longer than 24 days fires at once.
/** How long something repeats or lasts, in seconds: a day at most. */
export const period = positive.max(86_400);

/** The address of a service; `expects` is the message where it is none. */
export function httpUrl(expects: string) {
  return z.string().refine((url) => /^https?:\/\//.test(url) && URL.canParse(url), expects);
}
