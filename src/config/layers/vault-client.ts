import nodeVault from 'node-vault';
import { isPassing, StoreError, storeErrorOf } from './store-error.ts';

/** An answer of Vault: the parts of it that are read here. */
export interface VaultAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly auth?: {
    readonly client_token?: string;
    readonly lease_duration?: number;
    readonly renewable?: boolean;
  } | null;
}

/** A status other than success, with what came along: a deleted version is a 404 with data. */
export class VaultRefusal extends Error {
  readonly status: number;
  readonly answer: VaultAnswer;

  constructor(status: number, answer: VaultAnswer) {
    super(`status ${status}`);
    this.status = status;
    this.answer = answer;
  }
}

export interface VaultClient {
  token: string | undefined;
  /** @throws {VaultRefusal} for an answer that will stay the same, else {StoreError} */
  read(path: string, signal: AbortSignal): Promise<VaultAnswer>;
  write(path: string, data: object, signal: AbortSignal): Promise<VaultAnswer>;
}

/** node-vault, with nothing left to the process's environment, which it reads by itself. */
export function createVaultClient(address: string, namespace: string | undefined): VaultClient {
  const client = nodeVault({
    endpoint: address.replace(/\/+$/, ''),
    'request-promise': { defaults: () => send },
    // It would print what it writes, login secrets included, where DEBUG asks for it.
    debug: () => undefined,
  });
  Object.assign(client, { namespace, pathPrefix: '', token: undefined });
  const ask = async (call: Promise<unknown>): Promise<VaultAnswer> => {
    try {
      const answer = await call;
      if (typeof answer === 'object' && answer !== null) return answer;
    } catch (error) {
      throw refusalOf(error);
    }
    throw new StoreError('content', 'answered something that is not Vault’s', 'check VAULT_ADDR');
  };
  return {
    get token() {
      return client.token;
    },
    set token(token) {
      Object.assign(client, { token });
    },
    read: (path, signal) => ask(client.read(path, { signal })),
    write: (path, data, signal) => ask(client.write(path, data, { signal })),
  };
}

interface Outgoing {
  readonly method: string;
  readonly uri: string;
  readonly headers: Record<string, string>;
  readonly json?: object;
  readonly signal: AbortSignal;
}

// Its own transport has no end for an answer that drips in, and VAULT_SKIP_VERIFY turns its checks
// of certificates off. This one ends with the signal and always checks.
async function send({ method, uri, headers, json, signal }: Outgoing) {
  const response = await fetch(uri, {
    method,
    headers: { ...headers, ...(json ? { 'Content-Type': 'application/json' } : {}) },
    body: json ? JSON.stringify(json) : null,
    signal,
  });
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Not Vault's: a proxy's page, which nobody shall see quoted.
  }
  return { statusCode: response.status, body, request: { path: new URL(uri).pathname } };
}

function refusalOf(error: unknown): Error {
  const response = error instanceof Error && 'response' in error ? error.response : undefined;
  if (typeof response !== 'object' || response === null || !('statusCode' in response)) {
    return storeErrorOf(error, 'check VAULT_ADDR, and that this machine reaches it');
  }
  const status = Number(response.statusCode);
  if (isPassing(status)) {
    const remedy = 'check that it is unsealed and not overloaded';
    return new StoreError('down', `failed (status ${status})`, remedy);
  }
  const body = 'body' in response ? response.body : undefined;
  return new VaultRefusal(status, typeof body === 'object' && body !== null ? body : {});
}
