import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Settings } from '../config/schema.ts';

/** How far a request's clock may be from ours, in seconds. */
export const TOLERANCE_SECONDS = 5 * 60;

export type SigningKey = ReturnType<Settings['OPS_SIGNING_KEYS']['reveal']>[number];

/** What is signed: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export interface Message {
  readonly id: string;
  /** In seconds since the epoch, in decimal. */
  readonly timestamp: string;
  readonly body: string | Uint8Array;
}

/** The signature of a message: `v1,` and the base64 of its HMAC-SHA256. */
export function sign({ id, timestamp, body }: Message, key: string): string {
  const secret = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
  const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body);
  return `v1,${digest.digest('base64')}`;
}

/** The key that signed the message, or what is wrong with it. */
export function findSigner(
  message: Message,
  signatures: string,
  keys: readonly SigningKey[],
): SigningKey | { readonly fault: string } {
  if (!/^[\x21-\x7e]{1,128}$/.test(message.id)) return { fault: 'no usable id' };
  if (!/^[1-9]\d{0,11}$/.test(message.timestamp)) return { fault: 'no usable timestamp' };
  const skew = Date.now() / 1000 - Number(message.timestamp);
  if (Math.abs(skew) > TOLERANCE_SECONDS)
    return { fault: skew > 0 ? 'too old' : 'from the future' };
  const given = signatures.split(' ', 16);
  const signer = keys.find(({ key }) => {
    const expected = sign(message, key);
    return given.some((signature) => isSame(signature, expected));
  });
  return signer ?? { fault: 'signed with no known key' };
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
