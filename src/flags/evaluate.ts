import type { FlagValue } from '../config/keys/flags.ts';
import { bucket } from './bucketing.ts';

/** What a value means for one subject; without `reason` it means the same for everybody. */
export interface Decision {
  readonly on: boolean;
  readonly reason?: 'rollout' | 'allow list' | 'deny list';
  /** 0 to 99, where it decided. */
  readonly bucket?: number;
}

/** Apply a value to a subject: lists come first, then the rollout. Without a subject it is off. */
export function decide(name: string, value: FlagValue, subject?: string): Decision {
  if (typeof value === 'boolean') return { on: value };
  if (subject === undefined) return { on: false, reason: 'rollout' };
  if (value.deny?.includes(subject)) return { on: false, reason: 'deny list' };
  if (value.allow?.includes(subject)) return { on: true, reason: 'allow list' };
  const { salt = name, rollout = value.variants === undefined ? 0 : 100 } = value;
  // Nobody and everybody need no digest.
  if (rollout <= 0 || rollout >= 100) return { on: rollout >= 100, reason: 'rollout' };
  // The bucket, and hundredths behind it that order the subjects inside one: for a rollout of 0.5 %.
  const fine = bucket(subject, salt, 10_000);
  const place = (fine % 100) + Math.floor(fine / 100) / 100;
  return { on: place < rollout, reason: 'rollout', bucket: fine % 100 };
}

/** The variant of a subject for whom the flag is on, by weight; nothing where there are none. */
export function pickVariant(name: string, value: FlagValue, subject: string): string | undefined {
  if (typeof value === 'boolean' || value.variants === undefined) return undefined;
  const entries = Object.entries(value.variants);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  // Its own salt: a subject's variant must not depend on its place in a rollout.
  let place = (bucket(subject, `${value.salt ?? name}:variant`, 10_000) / 10_000) * total;
  return entries.find(([, weight]) => {
    place -= weight;
    return place < 0;
  })?.[0];
}
