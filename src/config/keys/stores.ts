import { z } from 'zod';
import type { Keys } from '../key.ts';

/** What decides how the secret stores are read cannot come from them; every load asks anew. */
const common = { reload: 'live', bare: true, notFrom: ['aws', 'vault'] } as const;
const open = { visibility: 'public', ...common } as const;
const hidden = { visibility: 'secret', ...common } as const;

const text = z.string().min(1);
const optionalText = text.optional();
// The stores are read side by side, so what bounds one of them bounds them all at boot.
const timeout = z.int().min(1).max(30_000);
const mount = z.string().regex(/^[\w.-]+(?:\/[\w.-]+)*$/, 'expects a mount like approle');
const url = z.string().refine(isHttpUrl, 'expects an address like https://vault.example.com:8200');

/** Where state and secrets are kept. */
export const storeKeys = {
  SESSION_STORE: {
    type: z.enum(['memory', 'database', 'redis']),
    doc: 'Where sessions are kept; memory forgets them at a restart and knows one process only.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
  },
  SECRETS_DIR: {
    type: text,
    doc: 'The folder of secret files: the file secret_key sets SECRET_KEY.',
    visibility: 'public',
    reload: 'restart',
    bare: true,
    notFrom: ['secret-files', 'aws', 'vault'],
  },
  SECRET_MAX_AGE_DAYS: {
    type: z.int().min(1).optional(),
    doc: 'Warns of secrets that were last changed longer ago (days), where their source tells.',
    visibility: 'public',
    reload: 'live',
  },
  SSM_PATH: {
    type: z
      .string()
      .regex(/^(?:\/[\w.-]+)+\/?$/, 'expects a path like /myapp/prod')
      .optional(),
    doc: 'Reads AWS SSM parameters below this path: /myapp/prod/SECRET_KEY sets SECRET_KEY.',
    ...open,
  },
  SSM_REQUIRED: {
    type: z.boolean(),
    doc: 'Whether the app does not start without what SSM holds.',
    ...open,
  },
  SSM_TIMEOUT_MS: {
    type: timeout,
    doc: 'How long (ms) reading SSM may take, all pages and tries together.',
    ...open,
  },
  SECRETS_MANAGER_ID: {
    type: optionalText,
    doc: 'Reads this AWS Secrets Manager secret, name or ARN: a JSON object whose members are keys.',
    ...open,
  },
  SECRETS_MANAGER_REQUIRED: {
    type: z.boolean(),
    doc: 'Whether the app does not start without what Secrets Manager holds.',
    ...open,
  },
  SECRETS_MANAGER_TIMEOUT_MS: {
    type: timeout,
    doc: 'How long (ms) reading Secrets Manager may take, all tries together.',
    ...open,
  },
  AWS_REGION: {
    type: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'expects a region like eu-central-1')
      .optional(),
    doc: 'The region of SSM and Secrets Manager.',
    ...open,
  },
  AWS_ENDPOINT_URL: {
    type: url.optional(),
    doc: 'Another address for SSM and Secrets Manager, such as that of LocalStack.',
    ...open,
  },
  VAULT_PATH: {
    type: z
      .string()
      .regex(/^\/?[^/\s]+(?:\/[^/\s]+)+\/?$/, 'expects mount and path, like secret/myapp/prod')
      .optional(),
    doc: 'Reads this secret of Vault (KV version 1 or 2), whose members are keys.',
    ...open,
  },
  VAULT_ADDR: { type: url.optional(), doc: 'The address of Vault.', ...open },
  VAULT_NAMESPACE: {
    type: optionalText,
    doc: 'The namespace in Vault Enterprise or HCP.',
    ...open,
  },
  VAULT_REQUIRED: {
    type: z.boolean(),
    doc: 'Whether the app does not start without what Vault holds.',
    ...open,
  },
  VAULT_TIMEOUT_MS: {
    type: timeout,
    doc: 'How long (ms) reading Vault may take, login and tries included.',
    ...open,
  },
  VAULT_TOKEN: {
    type: optionalText,
    doc: 'A Vault token; it is used where no role is set.',
    ...hidden,
  },
  VAULT_ROLE_ID: {
    type: optionalText,
    doc: 'Logs in to Vault by AppRole, together with VAULT_SECRET_ID.',
    ...hidden,
  },
  VAULT_SECRET_ID: { type: optionalText, doc: 'The secret id of the AppRole.', ...hidden },
  VAULT_APPROLE_MOUNT: { type: mount, doc: 'Where Vault has its AppRole logins.', ...open },
  VAULT_K8S_ROLE: {
    type: optionalText,
    doc: 'Logs in to Vault with this role and the token of the Kubernetes service account.',
    ...open,
  },
  VAULT_K8S_MOUNT: { type: mount, doc: 'Where Vault has its Kubernetes logins.', ...open },
  VAULT_K8S_TOKEN_FILE: {
    type: z.string().regex(/^\//, 'expects an absolute path'),
    doc: 'The file with the token of the Kubernetes service account.',
    ...open,
  },
  VAULT_JWT_ROLE: {
    type: optionalText,
    doc: 'Logs in to Vault with this role and VAULT_JWT.',
    ...open,
  },
  VAULT_JWT: {
    type: optionalText,
    doc: 'The JSON Web Token to log in with; VAULT_JWT_FILE names its file.',
    ...hidden,
  },
  VAULT_JWT_MOUNT: { type: mount, doc: 'Where Vault has its JWT logins.', ...open },
} satisfies Keys;

function isHttpUrl(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value);
}
