import nodeVault from 'node-vault';
import { isPlainObject, type PlainObject, parseJson } from '../plain.ts';
import { isPassing, StoreError } from './store-error.ts';

/** An answer of Vault: the parts of it that are read here. */
export interface VaultAnswer {
  readonly data?: Readonly<PlainObject> | null;
  readonly auth?: { client_token?: string; lease_duration?: number; renewable?: boolean } | null;
}

/** Asks Vault with the token in use, and stops at the deadline. */
export type Read = (path: string) => Promise<VaultAnswer>;

/** A status that will stay the same, with what came along: a deleted version is a 404 with data. */
export class VaultRefusal extends StoreError {
  readonly status: number;
  readonly answer: VaultAnswer;

  constructor(status: number, answer: VaultAnswer) {
    const remedy = 'check VAULT_PATH and VAULT_NAMESPACE';
    super('refused', `refuses the request (status ${status})`, remedy);
    this.status = status;
    this.answer = answer;
  }
}

/** Whether Vault answered so; without statuses, whether it is a refusal at all. */
export function isRefusal(error: unknown, ...statuses: number[]): error is VaultRefusal {
  if (!(error instanceof VaultRefusal)) return false;
  return statuses.length === 0 || statuses.includes(error.status);
}

/** node-vault, with nothing left to the process's environment, which it reads by itself. */
export function createVaultClient(address: string, namespace: string | undefined) {
  const client = nodeVault({
    endpoint: address,
    'request-promise': { defaults: () => send },
    // It would print what it writes, login secrets included, where DEBUG asks for it.
    debug: () => undefined,
  });
  return Object.assign(client, { namespace, pathPrefix: '', token: '' });
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
async function send(outgoing: Outgoing) {
  const { uri } = outgoing;
  let response = await ask(outgoing);
  if (isRedirect(response)) {
    // A standby names its active node: the token goes there once, and never from https to http.
    const to = URL.parse(response.headers.get('location') ?? '', uri);
    const isSafe = to?.protocol === 'https:' || to?.protocol === new URL(uri).protocol;
    if (to && isSafe) response = await ask({ ...outgoing, uri: to.href });
    if (isRedirect(response)) {
      const remedy = 'set VAULT_ADDR to where it leads';
      throw new StoreError('refused', `redirects (status ${response.status})`, remedy);
    }
  }
  const { status } = response;
  const answer = parseJson(await response.text());
  if (isPassing(status)) {
    const remedy = 'check that it is unsealed and not overloaded';
    throw new StoreError('down', `failed (status ${status})`, remedy);
  }
  if (!response.ok) throw new VaultRefusal(status, isPlainObject(answer) ? answer : {});
  if (isPlainObject(answer)) return { statusCode: 200, body: answer };
  // A proxy's page, which nobody shall see quoted.
  throw new StoreError('refused', 'answered something that is not Vault’s', 'check VAULT_ADDR');
}

function ask({ uri, headers, json, ...options }: Outgoing): Promise<Response> {
  const type = json && { 'Content-Type': 'application/json' };
  const body = json ? JSON.stringify(json) : null;
  const all = { ...headers, ...type };
  return fetch(uri, { ...options, headers: all, body, redirect: 'manual' });
}

function isRedirect({ status }: Response): boolean {
  return status >= 300 && status < 400;
}
