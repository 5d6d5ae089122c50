import { createHmac, hash, hkdfSync } from 'node:crypto';
import type { AppConfig } from '../../config/app-config.ts';
import { isSame } from '../../config/secret.ts';

/** A row of the table `audit`. */
export interface AuditRow {
  readonly sequence: number;
  /** UTC, as ISO 8601. */
  readonly at: string;
  readonly actor: string | null;
  readonly role: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  readonly configVersion: number;
  /** JSON. */
  readonly detail: string | null;
  /** Tells which key signed it. */
  readonly keyId: string;
  /** The hash of the entry before. */
  readonly previous: string;
  /** SHA-256 over every field above. */
  readonly hash: string;
  /** HMAC-SHA256 over the hash. */
  readonly mac: string;
}

/** The fields in the order in which they are hashed. */
const HASHED: readonly (keyof AuditRow)[] = [
  'sequence',
  'at',
  'actor',
  'role',
  'address',
  'requestId',
  'action',
  'target',
  'outcome',
  'configVersion',
  'detail',
  'keyId',
  'previous',
];
export const FIELDS = [...HASHED, 'hash', 'mac'] as const;

/** The keys made from SECRET_KEY, which signs, and from SECRET_KEY_FALLBACKS. */
export function keyRing({ snapshot }: AppConfig) {
  const current = deriveKey(snapshot.SECRET_KEY.reveal());
  return { current, all: [current, ...snapshot.SECRET_KEY_FALLBACKS.reveal().map(deriveKey)] };
}

export type KeyRing = ReturnType<typeof keyRing>;

/** Hash and sign an entry with the current key. */
export function seal(entry: Omit<AuditRow, 'keyId' | 'hash' | 'mac'>, ring: KeyRing): AuditRow {
  const { id, bytes } = ring.current;
  const row = { ...entry, keyId: id, hash: '', mac: '' };
  const digest = hashOf(row);
  return { ...row, hash: digest, mac: sign(bytes, digest) };
}

/**
 * The hash that an entry should have. It needs no key: whoever trusts one entry can check all that
 * came before it, also when the keys of those are gone.
 */
export function hashOf(row: AuditRow): string {
  // A JSON list of texts and numbers has one reading, whatever is in the texts.
  return hash('sha256', JSON.stringify(['strata audit 1', ...HASHED.map((name) => row[name])]));
}

/** Whether a key that we know signed this entry's hash; nothing where we do not know the key. */
export function isSigned(row: AuditRow, { all }: KeyRing): boolean | undefined {
  const key = all.find(({ id }) => id === row.keyId);
  return key && isSame(sign(key.bytes, row.hash), String(row.mac));
}

// https://www.rfc-editor.org/rfc/rfc5869
function deriveKey(secret: string) {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'strata audit', 32));
  return { id: sign(bytes, 'key id').slice(0, 16), bytes };
}

function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
