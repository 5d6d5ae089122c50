import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { decoyOf, hashPassword, verifyPassword } from './password.ts';

export type Role = 'viewer' | 'admin';

export interface Operator {
  readonly username: string;
  readonly role: Role;
}

interface Account extends Operator {
  readonly passwordHash: string;
}

interface OperatorSession {
  operator?: { readonly username: string; readonly mark: string };
}

/** Who may operate this app, and which of them a request comes from. */
export interface Operators {
  /** Without any there is no door: `/ops` answers as an unknown route. */
  exist(): boolean;
  isKnown(username: string): boolean;
  /** The operator of these credentials, or nothing; it takes as long either way. */
  authenticate(username: string, password: string): Promise<Operator | undefined>;
  /** Remember in a renewed session who logged in. */
  remember(req: Request, operator: Operator): void;
  /** Let this request, and no other, be the operator's. */
  recognize(req: Request, operator: Operator): void;
  isRecognized(req: Request): boolean;
  /** Who asks, by the configuration as it is now: a changed role or password counts at once. */
  current(req: Request): Operator | undefined;
}

/** The operators of OPS_USERS, or `fallback` where nobody is listed. */
export function createOperators(config: AppConfig, fallback?: Account): Operators {
  const accounts = (): readonly Account[] => {
    const listed = config.get('OPS_USERS').reveal();
    return listed.length > 0 || fallback === undefined ? listed : [fallback];
  };
  const recognized = new WeakMap<Request, Operator>();
  const find = (username: string) => accounts().find((account) => account.username === username);
  return {
    exist: () => accounts().length > 0 || config.get('OPS_SIGNING_KEYS').reveal().length > 0,
    isKnown: (username) => find(username) !== undefined,
    async authenticate(username, password) {
      const account = find(username);
      const model = modelFor(username, accounts()) ?? (await hashPassword(''));
      const matches = await verifyPassword(password, account?.passwordHash ?? decoyOf(model));
      return matches && account !== undefined ? account : undefined;
    },
    remember(req, { username }) {
      const session = req.session as OperatorSession;
      session.operator = { username, mark: markOf(find(username)) };
    },
    recognize: (req, operator) => void recognized.set(req, operator),
    isRecognized: (req) => recognized.has(req),
    current(req) {
      const machine = recognized.get(req);
      if (machine !== undefined) return machine;
      // A request that is refused early has no session yet.
      const remembered = (req.session as OperatorSession | undefined)?.operator;
      const account = find(remembered?.username ?? '');
      return account !== undefined && markOf(account) === remembered?.mark ? account : undefined;
    },
  };
}

// Where hashes differ in cost, an unknown name must not stand out by always costing the same.
function modelFor(username: string, accounts: readonly Account[]): string | undefined {
  const [byte = 0] = createHash('sha256').update(username).digest();
  return accounts[byte % accounts.length]?.passwordHash;
}

// A new password ends the sessions that the old one began.
function markOf(account: Account | undefined): string {
  return createHash('sha256')
    .update(account?.passwordHash ?? '')
    .digest('base64url')
    .slice(0, 16);
}
