import { z } from 'zod';
import { duration } from '../config/duration.ts';
import { type FlagValue, flagValue } from '../config/keys/flags.ts';

const flagChange = z.looseObject({ before: flagValue, after: flagValue });

/** A flag's value in words. */
export function flagText(value: FlagValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const { rollout, variants = {}, allow = [], deny = [] } = value;
  const shares = Object.entries(variants).map(([name, weight]) => `${name} ${weight}`);
  const parts = [
    rollout !== undefined && `on for ${rollout} %`,
    shares.length > 0 && `variants ${shares.join(', ')}`,
    allow.length > 0 && `${allow.length} always on`,
    deny.length > 0 && `${deny.length} always off`,
  ];
  return parts.filter(Boolean).join('; ') || 'off';
}

/** What the detail of a `changeEvent` tells, in words; `undefined` where it is something else. */
export function changeText(detail: object): string | undefined {
  const { data } = flagChange.safeParse(detail);
  if (data === undefined) return undefined;
  const { before, after, reason, ttlSeconds } = data;
  const limit = ttlSeconds ? `, for ${duration(Number(ttlSeconds))}` : '';
  return `${flagText(before)} → ${flagText(after)}${limit}${reason ? `: ${reason}` : ''}`;
}
