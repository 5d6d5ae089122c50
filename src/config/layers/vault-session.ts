import { readSecretFile } from './secret-file.ts';
import type { StoreSettings } from './store.ts';
import { StoreError } from './store-error.ts';
import { type VaultClient, VaultRefusal } from './vault-client.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const RENEWAL_TIMEOUT_MS = 5_000;

/** A way to log in: where, with what, and the keys to look at where it is refused. */
export interface Login {
  readonly mount: string;
  readonly keys: string;
  credentials(): object;
}

/** The logins that are set up. A token stands back: shells often have one of somebody's own. */
export function loginsOf(settings: StoreSettings): Login[] {
  const logins: Login[] = [];
  const { VAULT_ROLE_ID: role_id, VAULT_SECRET_ID: secret_id } = settings;
  if (role_id !== undefined) {
    const keys = 'VAULT_ROLE_ID, VAULT_SECRET_ID and VAULT_APPROLE_MOUNT';
    const credentials = () => ({ role_id, secret_id });
    logins.push({ mount: settings.VAULT_APPROLE_MOUNT, keys, credentials });
  }
  const { VAULT_K8S_ROLE, VAULT_K8S_TOKEN_FILE, VAULT_JWT_ROLE, VAULT_JWT: jwt } = settings;
  if (VAULT_K8S_ROLE !== undefined) {
    const keys =
      'VAULT_K8S_ROLE, VAULT_K8S_MOUNT and the service account that the role is bound to';
    const credentials = () => ({ role: VAULT_K8S_ROLE, jwt: serviceToken(VAULT_K8S_TOKEN_FILE) });
    logins.push({ mount: settings.VAULT_K8S_MOUNT, keys, credentials });
  }
  if (VAULT_JWT_ROLE !== undefined) {
    const keys = 'VAULT_JWT_ROLE, VAULT_JWT and VAULT_JWT_MOUNT';
    const credentials = () => ({ role: VAULT_JWT_ROLE, jwt });
    logins.push({ mount: settings.VAULT_JWT_MOUNT, keys, credentials });
  }
  return logins;
}

// Kubernetes replaces the file before the token in it ends: it is read for every login.
function serviceToken(path: string): string {
  const file = readSecretFile(path);
  if ('text' in file) return file.text;
  throw new StoreError('setup', `cannot be asked: VAULT_K8S_TOKEN_FILE ${file.fault}`, file.remedy);
}

/** Stays logged in to Vault: renews its token in time, and gets another where that was too late. */
export class VaultSession {
  readonly #client: VaultClient;
  readonly #login: Login | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Without a login the client's own token is all there is. */
  constructor(client: VaultClient, login: Login | undefined) {
    this.#client = client;
    this.#login = login;
  }

  /** Ask while logged in. Where an older token is refused, log in anew and ask once more. */
  async run<T>(ask: (client: VaultClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    const isOld = this.#client.token !== undefined;
    if (this.#login === undefined) await this.#keepOwnToken(signal);
    else if (!isOld) await this.#enter(this.#login, signal);
    try {
      return await ask(this.#client);
    } catch (error) {
      const isRefused = error instanceof VaultRefusal && error.status === 403;
      if (!isRefused || !isOld || this.#login === undefined) throw error;
      await this.#enter(this.#login, signal);
      return ask(this.#client);
    }
  }

  async #enter(login: Login, signal: AbortSignal): Promise<void> {
    this.#client.token = undefined;
    const path = `auth/${login.mount}/login`;
    try {
      const { auth } = await this.#client.write(path, login.credentials(), signal);
      this.#client.token = auth?.client_token;
      if (auth?.renewable) this.#renewLater(auth.lease_duration);
    } catch (error) {
      if (!(error instanceof VaultRefusal)) throw error;
      const reason = `refuses the login at ${path} (status ${error.status})`;
      throw new StoreError('refused', reason, `check ${login.keys}`);
    }
  }

  async #keepOwnToken(signal: AbortSignal): Promise<void> {
    if (this.#timer !== undefined) return;
    try {
      const { data } = await this.#client.read('auth/token/lookup-self', signal);
      if (data?.['renewable'] === true) this.#renewLater(Number(data['ttl']));
    } catch (error) {
      // A token may be good for its secret and for nothing else.
      if (!(error instanceof VaultRefusal)) throw error;
    }
  }

  #renewLater(seconds = 0): void {
    clearTimeout(this.#timer);
    if (!(seconds >= 1)) return;
    // Whoever drops the configuration drops the session: the timer alone does not keep it.
    const session = new WeakRef(this);
    const delay = Math.min((seconds * 1000 * 2) / 3, LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => session.deref()?.renew(seconds), delay).unref();
  }

  /** Renew a token that has a third of its `seconds` left. */
  async renew(seconds: number): Promise<void> {
    try {
      const signal = AbortSignal.timeout(RENEWAL_TIMEOUT_MS);
      const { auth } = await this.#client.write('auth/token/renew-self', {}, signal);
      this.#renewLater(auth?.lease_duration);
    } catch {
      this.#renewLater(seconds / 3);
    }
  }
}
