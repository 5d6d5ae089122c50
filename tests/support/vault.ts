import { randomUUID } from 'node:crypto';
import { type Answer, type Asked, FaultyServer } from './faulty-server.ts';

interface Version {
  readonly data: Record<string, unknown>;
  readonly createdAt: string;
  readonly deletedAt?: string;
}

interface Token {
  /** The paths that its policy lets it read. */
  readonly reads: readonly string[];
  endsAt: number;
  readonly ttlSeconds: number;
}

interface Role {
  /** What a login must bring along. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly reads: readonly string[];
  readonly ttlSeconds?: number;
}

/** HashiCorp Vault, as far as logins, tokens, and reading KV version 1 and 2. */
export class FakeVault extends FaultyServer {
  /** The mounts by their path, `secret/`. */
  readonly mounts = new Map<string, { version: 1 | 2; secrets: Map<string, Version> }>();
  /** The logins by their mount, `approle`. */
  readonly roles = new Map<string, Role>();
  readonly tokens = new Map<string, Token>();
  /** The namespace that everything lives in. */
  namespace = '';
  /** Whether it tells the version of a mount; a policy may forbid it. */
  tellsMounts = true;

  constructor() {
    super((asked) => this.#answer(asked));
  }

  /** Write a secret; a mount that is not there yet is made. */
  put(mount: string, version: 1 | 2, path: string, data: Record<string, unknown>): void {
    const engine = this.mounts.get(mount) ?? { version, secrets: new Map() };
    this.mounts.set(mount, engine);
    engine.secrets.set(path, { data, createdAt: new Date().toISOString() });
  }

  /** Mark the newest version of a secret as deleted. */
  softDelete(mount: string, path: string): void {
    const secrets = this.mounts.get(mount)?.secrets;
    const secret = secrets?.get(path);
    if (secret) secrets?.set(path, { ...secret, deletedAt: new Date().toISOString() });
  }

  /** Make a token that may read these paths. */
  issue(reads: readonly string[], ttlSeconds = 3600): string {
    const token = `hvs.${randomUUID()}`;
    this.tokens.set(token, { reads, ttlSeconds, endsAt: Date.now() + ttlSeconds * 1000 });
    return token;
  }

  #answer({ method, path: url, headers, body }: Asked): Answer {
    const path = decodeURIComponent(url.replace(/^\/v1\//, ''));
    if ((headers['x-vault-namespace'] ?? '') !== this.namespace) return refusal(404, 'no handler');
    const login = /^auth\/(.+)\/login$/.exec(path)?.[1];
    if (login !== undefined) return this.#login(login, method, body);

    const token = this.tokens.get(String(headers['x-vault-token'] ?? ''));
    if (token === undefined || token.endsAt <= Date.now()) {
      return refusal(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n');
    }
    if (path === 'auth/token/lookup-self') {
      const ttl = Math.ceil((token.endsAt - Date.now()) / 1000);
      return envelope({ data: { ttl, renewable: true, creation_ttl: token.ttlSeconds } });
    }
    if (path === 'auth/token/renew-self' && method === 'POST') {
      token.endsAt = Date.now() + token.ttlSeconds * 1000;
      return envelope({ auth: authOf(String(headers['x-vault-token']), token.ttlSeconds) });
    }
    if (method !== 'GET') return refusal(405, 'unsupported operation');
    const asked = /^sys\/internal\/ui\/mounts\/(.+)$/.exec(path)?.[1];
    return asked === undefined ? this.#read(path, token) : this.#tellMount(asked, token);
  }

  #login(mount: string, method: string, body: Record<string, unknown>): Answer {
    const role = this.roles.get(mount);
    if (role === undefined) return refusal(404, `no handler for route "auth/${mount}/login"`);
    const isRight = Object.entries(role.credentials).every(([name, value]) => body[name] === value);
    if (method !== 'POST' || !isRight) return refusal(400, 'invalid role or secret ID');
    const ttl = role.ttlSeconds ?? 3600;
    return envelope({ auth: authOf(this.issue(role.reads, ttl), ttl) });
  }

  #tellMount(path: string, token: Token): Answer {
    const [mount, engine] = this.#mountOf(path) ?? [];
    const mayLook = token.reads.some((allowed) => mount && allowed.startsWith(mount));
    if (!this.tellsMounts || mount === undefined || !mayLook) {
      return refusal(
        403,
        'preflight capability check returned 403, please ensure client’s policies',
      );
    }
    return envelope({
      data: { path: mount, type: 'kv', options: { version: String(engine?.version) } },
    });
  }

  #read(path: string, token: Token): Answer {
    if (!token.reads.includes(path)) {
      return refusal(403, '1 error occurred:\n\t* permission denied\n\n');
    }
    const [mount = '', engine] = this.#mountOf(path) ?? [];
    const rest = path.slice(mount.length);
    if (engine?.version === 1) {
      const secret = engine.secrets.get(rest);
      return secret ? envelope({ data: secret.data }) : refusal(404);
    }
    const secret = rest.startsWith('data/') ? engine?.secrets.get(rest.slice(5)) : undefined;
    if (secret === undefined) return refusal(404);
    const metadata = {
      created_time: secret.createdAt,
      custom_metadata: null,
      deletion_time: secret.deletedAt ?? '',
      destroyed: false,
      version: 1,
    };
    const { status, body } = envelope({ data: { data: secret.data, metadata } });
    return secret.deletedAt === undefined
      ? { status, body }
      : { ...envelope({ data: { data: null, metadata } }), status: 404 };
  }

  #mountOf(path: string) {
    return [...this.mounts].find(([mount]) => `${path}/`.startsWith(mount));
  }
}

function envelope(parts: { data?: unknown; auth?: unknown }): Answer {
  return {
    status: 200,
    body: {
      request_id: randomUUID(),
      lease_id: '',
      renewable: false,
      lease_duration: 0,
      data: null,
      wrap_info: null,
      warnings: null,
      auth: null,
      ...parts,
    },
  };
}

function authOf(token: string, ttlSeconds: number) {
  return {
    client_token: token,
    accessor: randomUUID(),
    policies: ['default', 'myapp'],
    lease_duration: ttlSeconds,
    renewable: true,
    token_type: 'service',
  };
}

function refusal(status: number, ...errors: string[]): Answer {
  return { status, body: { errors } };
}

export function startVault(): Promise<FakeVault> {
  return new FakeVault().start();
}
