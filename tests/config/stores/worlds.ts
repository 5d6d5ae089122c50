import { PRODUCTION_VARS, type World } from '../../support/app.ts';
import { AWS_FAULTS, AWS_VARS, awsRefusal } from '../../support/aws.ts';
import type { Fault, FaultyServer } from '../../support/faulty-server.ts';
import { startSecretsManager } from '../../support/secrets-manager.ts';
import { startSsm } from '../../support/ssm.ts';
import { startVault } from '../../support/vault.ts';

/** A store that gives a production app what it needs, and how to name it in the app's variables. */
export interface StoreWorld {
  readonly server: FaultyServer;
  readonly vars: Record<string, string>;
  readonly key: string;
  readonly source: string;
  /** Change one value at its source. */
  set(key: string, value: string): void;
}

type Values = Readonly<Record<string, string>>;

/** One world for each store, holding these values. */
export const STORES: Record<string, (values?: Values) => Promise<StoreWorld>> = {
  SSM: async (values = PRODUCTION_VARS) => {
    const named = Object.entries(values).map(([key, value]) => [`/myapp/prod/${key}`, value]);
    const server = await startSsm(Object.fromEntries(named));
    return {
      server,
      vars: { ...AWS_VARS, AWS_ENDPOINT_URL: server.url, SSM_PATH: '/myapp/prod' },
      key: 'SSM_PATH',
      source: 'ssm:/myapp/prod',
      set: (key, value) => server.parameters.set(`/myapp/prod/${key}`, { value }),
    };
  },
  'Secrets Manager': async (values = PRODUCTION_VARS) => {
    const members = { ...values };
    const server = await startSecretsManager({ 'myapp/prod': members });
    return {
      server,
      vars: { ...AWS_VARS, AWS_ENDPOINT_URL: server.url, SECRETS_MANAGER_ID: 'myapp/prod' },
      key: 'SECRETS_MANAGER_ID',
      source: 'secretsmanager:myapp/prod',
      set: (key, value) => server.put('myapp/prod', Object.assign(members, { [key]: value })),
    };
  },
  Vault: async (values = PRODUCTION_VARS) => {
    const members = { ...values };
    const server = await startVault();
    server.put('secret/', 2, 'myapp/prod', members);
    const credentials = { role_id: 'a-role', secret_id: 'a-secret-id' };
    server.roles.set('approle', { credentials, reads: ['secret/data/myapp/prod'] });
    return {
      server,
      vars: {
        VAULT_ADDR: server.url,
        VAULT_PATH: 'secret/myapp/prod',
        VAULT_ROLE_ID: 'a-role',
        VAULT_SECRET_ID: 'a-secret-id',
      },
      key: 'VAULT_PATH',
      source: 'vault:secret/myapp/prod',
      set: (key, value) =>
        server.put('secret/', 2, 'myapp/prod', Object.assign(members, { [key]: value })),
    };
  },
};

/** A production app that reads this store. */
export function production({ vars }: StoreWorld, more: Record<string, string> = {}): World {
  return { env: 'production', vars: { ...vars, ...more } };
}

/** The failures that each store may answer every request with, and how they are told. */
export const FAULTS: Record<string, Record<string, [fault: Fault, told: string]>> = {
  SSM: awsFaults('parameter/myapp/prod'),
  'Secrets Manager': awsFaults('myapp/prod'),
  Vault: {
    hanging: ['hang', 'did not answer within 800 ms'],
    dripping: ['drip', 'did not answer within 800 ms'],
    'resetting connections': ['reset', 'cannot be reached ('],
    'down behind a proxy': [AWS_FAULTS.page, 'failed (status 503)'],
    sealed: [vaultRefusal(503, 'Vault is sealed'), 'failed (status 503)'],
    limiting: [vaultRefusal(429, 'request path rate limited'), 'failed (status 429)'],
    'refusing the login': [vaultRefusal(400, 'invalid role or secret ID'), 'refuses the'],
    'denying everything': [vaultRefusal(403, 'permission denied'), 'refuses the login'],
    'no Vault at all': [{ status: 200, type: 'text/html', body: '<p>Hi</p>' }, 'is not Vault’s'],
  },
};

function awsFaults(resource: string): Record<string, [Fault, string]> {
  return {
    hanging: ['hang', 'did not answer within 800 ms'],
    dripping: ['drip', 'did not answer within 800 ms'],
    'resetting connections': ['reset', 'cannot be reached (ECONNRESET)'],
    'down behind a proxy': [AWS_FAULTS.page, 'failed (status 503)'],
    broken: [AWS_FAULTS.broken, 'failed (status 500)'],
    throttling: [AWS_FAULTS.throttled, 'throttles'],
    'denying access': [awsRefusal('AccessDeniedException', 'User: arn:aws'), `on ${resource};`],
    'refusing an old token': [AWS_FAULTS.expired, 'refuses the credentials (status 400)'],
    'refusing the key': [AWS_FAULTS.unsigned, 'refuses the credentials (status 400)'],
    'no AWS at all': [
      { status: 200, type: 'text/html', body: '<p>Hi</p>' },
      'answered something that is not its protocol',
    ],
  };
}

function vaultRefusal(status: number, error: string): Fault {
  return { status, body: { errors: [error] } };
}
