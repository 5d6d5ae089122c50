import { createHmac } from 'node:crypto';
import type { AppConfig } from '../config/app-config.ts';
import type { Settings } from '../config/schema.ts';
import { isSame } from '../config/secret.ts';

/** How far a request's clock may be from ours, in seconds. */
export const TOLERANCE_SECONDS = 5 * 60;

/** What machines may ask for, as method and URL; everything else is for people. */
export const OPEN =
  /^(?:GET \/ops\/config|POST \/ops\/reload|(?:POST|DELETE) \/ops\/flags\/[^/?]+)\/?(?:\?.*)?$/i;

type SigningKey = ReturnType<Settings['OPS_SIGNING_KEYS']['reveal']>[number];

/** What is signed: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export interface Message {
  readonly id: string;
  /** In seconds since the epoch, in decimal. */
  readonly timestamp: string;
  readonly body: string;
}

/** The signature of a message: `v1,` and the base64 of its HMAC-SHA256. */
export function sign({ id, timestamp, body }: Message, key: string): string {
  const secret = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
  const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`);
  return `v1,${digest.digest('base64')}`;
}

/** Whom a signature is meant for: the environment and the name of the app. */
export function audienceOf({ snapshot }: AppConfig): string {
  return `${snapshot.ENV}/${snapshot.APP_NAME}`;
}

/** The key that signed the message, or what is wrong with it. */
export function findSigner(
  message: Message,
  signatures: string,
  keys: readonly SigningKey[],
): SigningKey | string {
  if (!/^[\x21-\x7e]{1,128}$/.test(message.id)) return 'no usable id';
  if (!/^[1-9]\d{0,11}$/.test(message.timestamp)) return 'no usable timestamp';
  const skew = Date.now() / 1000 - Number(message.timestamp);
  if (skew > TOLERANCE_SECONDS) return 'too old';
  if (skew < -TOLERANCE_SECONDS) return 'from the future';
  const given = signatures.split(' ', 16);
  const isSigner = ({ key }: SigningKey) => given.some((one) => isSame(one, sign(message, key)));
  return keys.find(isSigner) ?? 'signed with no known key';
}
