import { isDeepStrictEqual } from 'node:util';
import { maskText } from '../mask.ts';
import type { LayerContext, LayerResult, Problem } from '../model.ts';
import {
  loadStore,
  membersAsEntries,
  misconfigured,
  readSettings,
  type StoreSettings,
} from './store.ts';
import { StoreError } from './store-error.ts';
import { createVaultClient, VaultRefusal } from './vault-client.ts';
import { readSecret } from './vault-kv.ts';
import { loginsOf, VaultSession } from './vault-session.ts';

// The session lives as long as the configuration that it read.
const sessions = new WeakMap<LayerResult, { settings: StoreSettings; session: VaultSession }>();

/** The secret VAULT_PATH, of KV version 1 or 2. */
export async function loadVault(context: LayerContext): Promise<LayerResult> {
  const settings = readSettings(context);
  if (settings?.VAULT_PATH === undefined) return misconfigured('vault');
  const { VAULT_ADDR } = settings;
  const path = settings.VAULT_PATH.replace(/^\/|\/$/g, '');
  const source = `vault:${path}`;
  const problems = faultsOf(settings);
  if (VAULT_ADDR === undefined || problems.length > 0) return misconfigured(source, ...problems);

  const session = sessionFor(settings, VAULT_ADDR, context.previous);
  const result = await loadStore(
    {
      layer: 'vault',
      key: 'VAULT_PATH',
      source,
      name: `Vault at ${maskText(VAULT_ADDR)}`,
      addressKeys: 'VAULT_ADDR',
      required: settings.VAULT_REQUIRED,
      timeoutMs: settings.VAULT_TIMEOUT_MS,
      ask: async (deadline) => {
        try {
          const secret = await session.run(
            (client) => readSecret(client, path, deadline),
            deadline,
          );
          return membersAsEntries(secret.members, source, secret.changedAt);
        } catch (error) {
          throw error instanceof VaultRefusal ? describeRefusal(error, path) : error;
        }
      },
    },
    context.previous,
  );
  sessions.set(result, { settings, session });
  return result;
}

function sessionFor(
  settings: StoreSettings,
  address: string,
  previous?: LayerResult,
): VaultSession {
  const last = previous === undefined ? undefined : sessions.get(previous);
  if (last !== undefined && isDeepStrictEqual(last.settings, settings)) return last.session;
  const client = createVaultClient(address, settings.VAULT_NAMESPACE);
  const [login] = loginsOf(settings);
  if (login === undefined) client.token = settings.VAULT_TOKEN;
  return new VaultSession(client, login);
}

function faultsOf(settings: StoreSettings): Problem[] {
  const logins = loginsOf(settings);
  const problems: Problem[] = [];
  const needs = (key: string, where: string) => {
    problems.push({ key, reason: `is needed where ${where} is set`, remedy: `set ${key}` });
  };
  if (settings.VAULT_ADDR === undefined) needs('VAULT_ADDR', 'VAULT_PATH');
  if (settings.VAULT_ROLE_ID && !settings.VAULT_SECRET_ID)
    needs('VAULT_SECRET_ID', 'VAULT_ROLE_ID');
  if (settings.VAULT_JWT_ROLE && !settings.VAULT_JWT) needs('VAULT_JWT', 'VAULT_JWT_ROLE');
  if (logins.length === 0 && settings.VAULT_TOKEN === undefined) {
    problems.push({
      key: 'VAULT_PATH',
      reason: 'is set, but no way to log in to Vault is',
      remedy:
        'set VAULT_ROLE_ID and VAULT_SECRET_ID, VAULT_K8S_ROLE, VAULT_JWT_ROLE or VAULT_TOKEN',
    });
  }
  if (logins.length > 1) {
    const keys = logins.map(({ keys }) => keys.split(',')[0]).join(' and ');
    const reason = `has more than one way to log in: ${keys}`;
    problems.push({ key: 'VAULT_PATH', reason, remedy: 'unset all but one of them' });
  }
  return problems;
}

function describeRefusal({ status, answer }: VaultRefusal, path: string): StoreError {
  const [mount, ...rest] = path.split('/');
  if (status === 403) {
    const policy = `"${mount}/data/${rest.join('/')}" (KV 2) or "${path}" (KV 1)`;
    const remedy = `let a policy of its token or role read ${policy}; see docs/stores.md`;
    return new StoreError('refused', 'denies access, or takes the token no more', remedy);
  }
  if (status !== 404) {
    const check = 'check VAULT_PATH and VAULT_NAMESPACE';
    return new StoreError('refused', `refuses the request (status ${status})`, check);
  }
  if (answer.data?.['metadata'] !== undefined) {
    const remedy = `undelete it, or write a new version to ${path}`;
    return new StoreError('refused', 'has that secret with its newest version deleted', remedy);
  }
  const check = `check VAULT_PATH and VAULT_NAMESPACE${rest[0] === 'data' ? '; leave data/ out' : ''}`;
  return new StoreError('refused', 'has no such secret (status 404)', check);
}
