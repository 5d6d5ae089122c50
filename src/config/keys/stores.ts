import { z } from 'zod';
import type { Keys } from '../key.ts';
import {
  count,
  httpUrl,
  kindOfKey,
  optionalPositive,
  optionalText,
  positive,
  text,
  toggle,
} from './kinds.ts';

// What decides how the secret stores are read cannot come from them; every load asks anew.
const common = { reload: 'live', bare: true, notFrom: ['aws', 'vault'] } as const;
const open = kindOfKey({ visibility: 'public', ...common });
const hidden = kindOfKey({ visibility: 'secret', ...common });
const live = kindOfKey({ visibility: 'public', reload: 'live', bare: true });

// The stores are read side by side, so what bounds one of them bounds them all at boot.
const timeout = positive.max(30_000);
const url = httpUrl('expects an address like https://vault.example.com:8200').optional();
const mount = z.string().regex(/^[\w.-]+(?:\/[\w.-]+)*$/, 'expects a mount like approle');
const region = z.string().regex(/^[a-z0-9-]+$/, 'expects a region like eu-central-1');
const ssmPath = z.string().regex(/^(?:\/[\w.-]+)+\/?$/, 'expects a path like /myapp/prod');
const vaultPath = z
  .string()
  .regex(/^\/?[^/\s]+(?:\/[^/\s]+)+\/?$/, 'expects mount and path, like secret/myapp/prod')
  .optional();
const absolutePath = z.string().regex(/^\//, 'expects an absolute path');

/** The secret stores: every key begins with the name of its store, or with AWS. */
export const storeKeys = {
  SSM_PATH: open(
    ssmPath.optional(),
    'Reads AWS SSM parameters below this path: /myapp/prod/SECRET_KEY sets SECRET_KEY.',
  ),
  SSM_REQUIRED: open(toggle, 'Whether a start needs what SSM holds.'),
  SSM_TIMEOUT_MS: open(timeout, 'How long (ms) reading SSM may take, with all pages and tries.'),
  SECRETS_MANAGER_ID: open(
    optionalText,
    'Reads this AWS Secrets Manager secret, name or ARN: a JSON object whose members are keys.',
  ),
  SECRETS_MANAGER_REQUIRED: open(toggle, 'Whether a start needs what Secrets Manager holds.'),
  SECRETS_MANAGER_TIMEOUT_MS: open(timeout, 'How long (ms) reading it may take, with all tries.'),
  AWS_REGION: open(region.optional(), 'The region of SSM and Secrets Manager.'),
  AWS_ENDPOINT_URL: open(url, 'Another address for SSM and Secrets Manager, such as LocalStack.'),
  VAULT_PATH: open(vaultPath, 'Reads this secret of Vault (KV 1 or 2), whose members are keys.'),
  VAULT_ADDR: open(url, 'The address of Vault.'),
  VAULT_NAMESPACE: open(optionalText, 'The namespace in Vault Enterprise or HCP.'),
  VAULT_REQUIRED: open(toggle, 'Whether a start needs what Vault holds.'),
  VAULT_TIMEOUT_MS: open(timeout, 'How long (ms) reading Vault may take, with login and tries.'),
  VAULT_TOKEN: hidden(optionalText, 'A Vault token; it is used where no role is set.'),
  VAULT_ROLE_ID: hidden(optionalText, 'Logs in to Vault by AppRole, with VAULT_SECRET_ID.'),
  VAULT_SECRET_ID: hidden(optionalText, 'The secret id of the AppRole.'),
  VAULT_APPROLE_MOUNT: open(mount, 'Where Vault has its AppRole logins.'),
  VAULT_K8S_ROLE: open(
    optionalText,
    'Logs in to Vault with this role and the token of the Kubernetes service account.',
  ),
  VAULT_K8S_MOUNT: open(mount, 'Where Vault has its Kubernetes logins.'),
  VAULT_K8S_TOKEN_FILE: open(absolutePath, 'The file with the Kubernetes service account token.'),
  VAULT_JWT_ROLE: open(optionalText, 'Logs in to Vault with this role and VAULT_JWT.'),
  VAULT_JWT: hidden(optionalText, 'The JSON Web Token to log in with; VAULT_JWT_FILE is its file.'),
  VAULT_JWT_MOUNT: open(mount, 'Where Vault has its JWT logins.'),
} satisfies Keys;

/** The folder of secret files, and how a running app keeps up with what it is read from. */
export const sourceKeys = {
  SECRETS_DIR: {
    ...live(text, 'The folder of secret files: the file secret_key sets SECRET_KEY.'),
    notFrom: ['secret-files', 'aws', 'vault'],
  },
  SECRET_MAX_AGE_DAYS: {
    type: optionalPositive,
    doc: 'Warns of secrets that were last changed longer ago (days), where their source tells.',
    visibility: 'public',
    reload: 'live',
  },
  SECRETS_REFRESH_SECONDS: live(
    count.max(604_800),
    'How often (s) the stores are asked again, less often while one is away; 0 never.',
  ),
  CONFIG_MAX_STALE_SECONDS: live(
    optionalPositive,
    'The age (s) of values from a store that is away at which the app is no longer ready.',
  ),
} satisfies Keys;
