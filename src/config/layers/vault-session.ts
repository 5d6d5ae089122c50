import { readSecretFile } from './secret-file.ts';
import type { StoreSettings } from './store.ts';
import { StoreError } from './store-error.ts';
import { createVaultClient, isRefusal, type Read, type VaultAnswer } from './vault-client.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The ways to log in. A token stands back: shells often have one of somebody's own. */
export const LOGINS = [
  { role: 'VAULT_ROLE_ID', proof: 'VAULT_SECRET_ID', mount: 'VAULT_APPROLE_MOUNT' },
  { role: 'VAULT_K8S_ROLE', proof: 'VAULT_K8S_TOKEN_FILE', mount: 'VAULT_K8S_MOUNT' },
  { role: 'VAULT_JWT_ROLE', proof: 'VAULT_JWT', mount: 'VAULT_JWT_MOUNT' },
] as const;

type Login = (typeof LOGINS)[number];

/** Stays logged in to Vault: renews its token in time, and gets another where that was too late. */
export class VaultSession {
  readonly settings: StoreSettings;
  readonly #client: ReturnType<typeof createVaultClient>;
  readonly #login: Login | undefined;
  // Whoever drops the configuration drops the session: nothing that waits keeps it.
  readonly #weakly = new WeakRef(this);
  #hasEnded: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(address: string, settings: StoreSettings, closing?: AbortSignal) {
    const weakly = this.#weakly;
    closing?.addEventListener('abort', () => weakly.deref()?.end());
    this.#hasEnded = closing?.aborted ?? false;
    this.settings = settings;
    this.#client = createVaultClient(address, settings.VAULT_NAMESPACE);
    this.#login = LOGINS.find(({ role }) => settings[role] !== undefined);
    if (this.#login === undefined) this.#client.token = settings.VAULT_TOKEN ?? '';
  }

  /** Ask while logged in. Where an older token is refused, log in anew and ask once more. */
  async run<T>(ask: (read: Read) => Promise<T>, signal: AbortSignal): Promise<T> {
    const read: Read = (path) => this.#client.read(encoded(path), { signal });
    const login = this.#login;
    const isOld = this.#client.token !== '';
    if (login === undefined) await this.#keepOwnToken(read);
    else if (!isOld) await this.#enter(login, signal);
    try {
      return await ask(read);
    } catch (error) {
      if (login === undefined || !isOld || !isRefusal(error, 403)) throw error;
      await this.#enter(login, signal);
      return ask(read);
    }
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  async #enter(login: Login, signal: AbortSignal): Promise<void> {
    this.#client.token = '';
    const path = `auth/${this.settings[login.mount]}/login`;
    try {
      const credentials = credentialsOf(login, this.settings);
      const { auth }: VaultAnswer = await this.#client.write(path, credentials, { signal });
      this.#client.token = auth?.client_token ?? '';
      if (auth?.renewable) this.#renewLater(auth.lease_duration);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const reason = `refuses the login at ${path} (status ${error.status})`;
      const remedy = `check ${login.role}, ${login.proof} and ${login.mount}`;
      throw new StoreError('refused', reason, remedy);
    }
  }

  async #keepOwnToken(read: Read): Promise<void> {
    if (this.#timer !== undefined) return;
    try {
      const { data } = await read('auth/token/lookup-self');
      if (data?.['renewable'] === true) this.#renewLater(Number(data['ttl']));
    } catch (error) {
      // A token may be good for its secret and for nothing else.
      if (!isRefusal(error)) throw error;
    }
  }

  #renewLater(seconds = 0): void {
    clearTimeout(this.#timer);
    if (!(seconds >= 1) || this.#hasEnded) return;
    const session = this.#weakly;
    const delay = Math.min((seconds * 1000 * 2) / 3, LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => session.deref()?.renew(seconds), delay).unref();
  }

  /** Renew a token that has a third of its `seconds` left. */
  async renew(seconds: number): Promise<void> {
    try {
      const signal = AbortSignal.timeout(this.settings.VAULT_TIMEOUT_MS);
      const answer: VaultAnswer = await this.#client.write('auth/token/renew-self', {}, { signal });
      this.#renewLater(answer.auth?.lease_duration);
    } catch {
      this.#renewLater(seconds / 3);
    }
  }
}

function credentialsOf({ role, proof }: Login, settings: StoreSettings): object {
  if (role === 'VAULT_ROLE_ID') return { role_id: settings[role], secret_id: settings[proof] };
  if (proof === 'VAULT_JWT') return { role: settings[role], jwt: settings[proof] };
  // Kubernetes replaces the file before the token in it ends: it is read for every login.
  const file = readSecretFile(settings[proof]);
  if ('text' in file) return { role: settings[role], jwt: file.text };
  throw new StoreError('setup', `cannot be asked: ${proof} ${file.reason}`, file.remedy);
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
