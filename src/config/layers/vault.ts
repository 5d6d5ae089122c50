import { isDeepStrictEqual } from 'node:util';
import { maskText } from '../mask.ts';
import type { LayerContext, LayerResult, Problem } from '../model.ts';
import { needed, type Store, type StoreSettings } from './store.ts';
import { StoreError } from './store-error.ts';
import { isRefusal, type VaultRefusal } from './vault-client.ts';
import { readSecret } from './vault-kv.ts';
import { LOGINS, VaultSession } from './vault-session.ts';

// What an app's signal, or else its variables, belong to keeps its login from load to load.
const asked = new WeakMap<object, Asked>();

/** The sessions that were asked, the last one first, and what was running then. */
interface Asked {
  readonly sessions: readonly VaultSession[];
  readonly previous: LayerResult | undefined;
}

/** The secret VAULT_PATH, of KV version 1 or 2. */
export function open(settings: StoreSettings, context: LayerContext): Store | Problem[] {
  const { VAULT_ADDR: address, VAULT_PATH = '' } = settings;
  const problems = faultsOf(settings);
  if (address === undefined || problems.length > 0) return problems;
  const path = VAULT_PATH.replace(/^\/|\/$/g, '');
  const { closing, previous } = context;
  const owner = closing ?? context.processEnv;
  const last = asked.get(owner) ?? { sessions: [], previous };
  const session =
    last.sessions.find((one) => isDeepStrictEqual(one.settings, settings)) ??
    new VaultSession(address, settings, closing);
  // Other settings may be only a trial, or be refused: the one before stays until what this one
  // gave last time was swapped in.
  const isInUse = session === last.sessions[0] && previous !== last.previous;
  const others = last.sessions.filter((one) => one !== session);
  for (const one of others.splice(isInUse ? 0 : 1)) one.end();
  asked.set(owner, { sessions: [session, ...others], previous });
  return {
    source: `vault:${path}`,
    name: `Vault at ${maskText(address)}`,
    addressKeys: 'VAULT_ADDR',
    ask: (deadline) => session.run((read) => readSecret(read, path), deadline),
    explain: (error) => (isRefusal(error) ? explain(error, path) : error),
  };
}

function faultsOf(settings: StoreSettings): Problem[] {
  const logins = LOGINS.filter(({ role }) => settings[role] !== undefined);
  const lacking = logins.filter(({ proof }) => settings[proof] === undefined);
  const problems = lacking.map(({ proof, role }) => needed(proof, role));
  if (settings.VAULT_ADDR === undefined) problems.unshift(needed('VAULT_ADDR', 'VAULT_PATH'));
  if (logins.length === 0 && settings.VAULT_TOKEN === undefined) {
    const reason = 'is set, but no way to log in to Vault is';
    const remedy =
      'set VAULT_ROLE_ID and VAULT_SECRET_ID, VAULT_K8S_ROLE, VAULT_JWT_ROLE or VAULT_TOKEN';
    problems.push({ key: 'VAULT_PATH', reason, remedy });
  }
  if (logins.length > 1) {
    const reason = `has more than one way to log in: ${logins.map(({ role }) => role).join(' and ')}`;
    problems.push({ key: 'VAULT_PATH', reason, remedy: 'unset all but one of them' });
  }
  return problems;
}

function explain(refusal: VaultRefusal, path: string): StoreError {
  const { status, answer } = refusal;
  const [mount, ...rest] = path.split('/');
  if (status === 403) {
    const policy = `"${mount}/data/${rest.join('/')}" (KV 2) or "${path}" (KV 1)`;
    const remedy = `let a policy of its token or role read ${policy}; see docs/stores.md`;
    return new StoreError('refused', 'denies access, or takes the token no more', remedy);
  }
  if (status !== 404) return refusal;
  if (answer.data?.['metadata'] !== undefined) {
    const remedy = `undelete it, or write a new version to ${path}`;
    return new StoreError('refused', 'has that secret with its newest version deleted', remedy);
  }
  const remedy = rest[0] === 'data' ? `${refusal.remedy}; leave data/ out` : refusal.remedy;
  return new StoreError('refused', 'has no such secret (status 404)', remedy);
}
