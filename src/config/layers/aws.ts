import { maskText } from '../mask.ts';
import type { LayerContext } from '../model.ts';
import { needed, type OpenStore, type Store } from './store.ts';
import { isPassing, StoreError } from './store-error.ts';

type Key = 'SSM_PATH' | 'SECRETS_MANAGER_ID';
type Rule = [name: RegExp, ...ConstructorParameters<typeof StoreError>];

/** A client, and what it asks: with which right, so that a refusal can say what to allow. */
interface Service extends Pick<Store, 'source' | 'ask'> {
  readonly client: { destroy(): void };
  readonly right: string;
}

const ADDRESS_KEYS = 'AWS_REGION and AWS_ENDPOINT_URL';

/** A service of AWS as a store; `connect` makes its client from the value of `key`. */
export function awsStore(
  name: string,
  key: Key,
  connect: (id: string, options: { region: string; maxAttempts: number }) => Service,
): OpenStore {
  return (settings, { processEnv }) => {
    const { [key]: id = '', AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = settings;
    if (region === undefined) return [needed('AWS_REGION', key)];
    // Tries are counted in one place, and that is not in the SDK.
    const options = { region, maxAttempts: 1, ...(endpoint && { endpoint }) };
    const { client, right, ...store } = connect(id, { ...options, ...credentialsIn(processEnv) });
    return {
      ...store,
      name: `${name} ${endpoint === undefined ? `in ${region}` : `at ${maskText(endpoint)}`}`,
      addressKeys: ADDRESS_KEYS,
      explain: (error) => (error instanceof Error ? explain(error, key, right) : error),
      close: () => client.destroy(),
    };
  };
}

// Otherwise the SDK's own chain, with its profiles and roles, looks at the process itself.
function credentialsIn(env: LayerContext['processEnv']) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const { AWS_SESSION_TOKEN: sessionToken, AWS_PROFILE: profile } = env;
  if (!accessKeyId || !secretAccessKey || profile) return {};
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } };
}

function explain(
  error: Error & { readonly $metadata?: { readonly httpStatusCode?: number } },
  key: Key,
  right: string,
): Error {
  const status = error.$metadata?.httpStatusCode ?? 0;
  const place = `check ${key} and AWS_REGION`;
  const policy = `allow ${right}; see docs/stores.md`;
  const keyPolicy = 'allow kms:Decrypt on the key that encrypts it; see docs/stores.md';
  const chain = 'give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or a role';
  const identity = `refuses the credentials (status ${status})`;
  const clock = 'check the access key, its session token and the clock of this machine';
  const rules: Rule[] = [
    [/^AccessDenied/, 'refused', 'denies access', policy],
    [/^InvalidKeyId|^Decryption/, 'refused', 'cannot decrypt', keyPolicy],
    [/^ResourceNotFound/, 'refused', 'has no such secret', place],
    [/^InvalidRequest/, 'refused', 'has that secret marked as deleted', place],
    [/^Validation/, 'refused', 'takes no such path', place],
    [/ProviderError$/, 'setup', 'cannot be asked: no AWS credentials are found', chain],
    [/Throttl|TooMany|LimitExceeded/, 'down', 'throttles', 'ask less often, or raise the quota'],
    [/Token|Credential|Signature|Expired|UnrecognizedClient/, 'refused', identity, clock],
  ];
  const rule = rules.find(([name]) => name.test(error.name));
  if (rule !== undefined) return new StoreError(rule[1], rule[2], rule[3]);
  if (status < 400) return error;
  const check = `check ${ADDRESS_KEYS}`;
  return isPassing(status)
    ? new StoreError('down', `failed (status ${status})`, check)
    : new StoreError('refused', `refuses the request (status ${status})`, check);
}
