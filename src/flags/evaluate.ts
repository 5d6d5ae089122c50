import type { FlagValue } from '../config/keys/flags.ts';
import { bucket } from './bucketing.ts';

/** What a vendor decides by itself for each subject, at once. */
export interface VendedRule {
  isOn(subject?: string): boolean;
  variant(subject: string): string | undefined;
  /** The same for whoever only looks, where the vendor counts uses. */
  readonly look?: VendedRule;
}

export type Ruling = FlagValue | VendedRule;

/** What a ruling means for one subject; without `reason` it means the same for everybody. */
export interface Decision {
  readonly on: boolean;
  readonly reason?: 'rollout' | 'allow list' | 'deny list';
  /** 0 to 99, where it decided. */
  readonly bucket?: number;
}

/** Apply a ruling to a subject: lists come first, then the rollout. Without a subject it is off. */
export function decide(name: string, ruling: Ruling | undefined, subject?: string): Decision {
  if (typeof ruling !== 'object') return { on: ruling === true };
  if (isRule(ruling)) return { on: ask(() => ruling.isOn(subject)) === true };
  // JavaScript may hand in anything.
  if (typeof subject !== 'string') return { on: false, reason: 'rollout' };
  if (ruling.deny?.includes(subject)) return { on: false, reason: 'deny list' };
  if (ruling.allow?.includes(subject)) return { on: true, reason: 'allow list' };
  const { salt = name, rollout = ruling.variants === undefined ? 0 : 100 } = ruling;
  // Nobody and everybody need no digest.
  if (rollout <= 0 || rollout >= 100) return { on: rollout >= 100, reason: 'rollout' };
  // The bucket, and hundredths behind it that order the subjects inside one: for a rollout of 0.5 %.
  const fine = bucket(subject, salt, 10_000);
  const place = (fine % 100) + Math.floor(fine / 100) / 100;
  return { on: place < rollout, reason: 'rollout', bucket: fine % 100 };
}

/** The variant of a subject for whom the flag is on, by weight; nothing where there are none. */
export function pickVariant(
  name: string,
  ruling: Ruling | undefined,
  subject?: string,
): string | undefined {
  if (typeof ruling !== 'object' || typeof subject !== 'string') return undefined;
  if (isRule(ruling)) return ask(() => ruling.variant(subject));
  if (ruling.variants === undefined || !decide(name, ruling, subject).on) return undefined;
  const entries = Object.entries(ruling.variants);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  // Its own salt: a subject's variant must not depend on its place in a rollout.
  let place = (bucket(subject, `${ruling.salt ?? name}:variant`, 10_000) / 10_000) * total;
  return entries.find(([, weight]) => {
    place -= weight;
    return place < 0;
  })?.[0];
}

/** A ruling that can be asked without a use being counted. */
export function uncounted(ruling: Ruling): Ruling {
  return isRule(ruling) ? (ruling.look ?? ruling) : ruling;
}

export function isRule(ruling: Ruling): ruling is VendedRule {
  return typeof ruling === 'object' && 'isOn' in ruling;
}

// A vendor's fault turns its flag off, and no request into a failure.
function ask<T>(rule: () => T): T | undefined {
  try {
    return rule();
  } catch {
    return undefined;
  }
}
