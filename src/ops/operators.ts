import { hash } from 'node:crypto';
import type { Request } from 'express';
import type { AppConfig } from '../config/app-config.ts';
import { decoyOf, hashPassword, verifyPassword } from '../config/password.ts';
import type { Settings } from '../config/schema.ts';

type Account = ReturnType<Settings['OPS_USERS']['reveal']>[number];
export type Operator = Pick<Account, 'username' | 'role'>;
export type Role = Operator['role'];
export type Operators = ReturnType<typeof createOperators>;

declare module 'express-session' {
  interface SessionData {
    operator: { readonly username: string; readonly mark: string };
  }
}

/**
 * Who may operate this app, and which of them a request comes from: the operators of OPS_USERS, or
 * `fallback` where nobody is listed.
 */
export function createOperators(config: AppConfig, fallback?: Account) {
  const accounts = (): readonly Account[] => {
    const listed = config.get('OPS_USERS').reveal();
    return listed.length > 0 || fallback === undefined ? listed : [fallback];
  };
  const find = (username?: string) => accounts().find((account) => account.username === username);
  const recognized = new WeakMap<Request, Operator>();
  return {
    /** Without any there is no door: `/ops` answers as an unknown route. */
    exist: () => accounts().length > 0 || config.get('OPS_SIGNING_KEYS').reveal().length > 0,

    isKnown: (username: string) => find(username) !== undefined,

    /** The operator of these credentials, or nothing; it takes as long either way. */
    async authenticate(username: string, password: string): Promise<Account | undefined> {
      const account = find(username);
      const model = modelFor(username, accounts()) ?? (await hashPassword(''));
      const matches = await verifyPassword(password, account?.passwordHash ?? decoyOf(model));
      return matches ? account : undefined;
    },

    /** Let this request, and no other, be the operator's. */
    recognize: (req: Request, operator: Operator) => void recognized.set(req, operator),

    /** Who asks, by the configuration as it is now: a changed role or password counts at once. */
    current(req: Request): Operator | undefined {
      // A request that is refused early, or is a machine's, has no session.
      const remembered = (req.session as Request['session'] | undefined)?.operator;
      const account = find(remembered?.username);
      const isSame = account !== undefined && markOf(account) === remembered?.mark;
      return recognized.get(req) ?? (isSame ? account : undefined);
    },
  };
}

// Where hashes differ in cost, an unknown name must not stand out by always costing the same.
function modelFor(username: string, accounts: readonly Account[]): string | undefined {
  const [byte = 0] = hash('sha256', username, 'buffer');
  return accounts[byte % accounts.length]?.passwordHash;
}

/** Goes with a password into its sessions, which end when it is replaced. */
export function markOf({ passwordHash }: Account): string {
  return hash('sha256', passwordHash, 'base64url').slice(0, 16);
}
