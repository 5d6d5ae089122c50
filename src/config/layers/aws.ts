import { maskText } from '../mask.ts';
import type { LayerContext } from '../model.ts';
import { needed, type OpenStore, type Store } from './store.ts';
import { isPassing, StoreError } from './store-error.ts';

/** What is special about one service of AWS. */
interface Service extends Pick<Store, 'source' | 'ask'> {
  readonly client: { destroy(): void };
  /** Its own refusals, by the error's name. */
  readonly refusals: readonly (readonly [name: string, message: string, remedy: string])[];
}

const ADDRESS_KEYS = 'AWS_REGION and AWS_ENDPOINT_URL';

/** A service of AWS as a store; `connect` makes its client from the value of `key`. */
export function awsStore(
  name: string,
  key: 'SSM_PATH' | 'SECRETS_MANAGER_ID',
  connect: (id: string, options: { region: string; maxAttempts: number }) => Service,
): OpenStore {
  return (settings, { processEnv }) => {
    const { [key]: id = '', AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = settings;
    if (region === undefined) return [needed('AWS_REGION', key)];
    // Tries are counted in one place, and that is not in the SDK.
    const options = { region, maxAttempts: 1, ...(endpoint && { endpoint }) };
    const service = connect(id, { ...options, ...credentialsIn(processEnv) });
    return {
      source: service.source,
      name: `${name} ${endpoint === undefined ? `in ${region}` : `at ${maskText(endpoint)}`}`,
      addressKeys: ADDRESS_KEYS,
      ask: service.ask,
      explain: (error) => explain(error, service.refusals),
      close: () => service.client.destroy(),
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

function explain(error: unknown, refusals: Service['refusals']): unknown {
  if (!(error instanceof Error)) return error;
  const { name } = error;
  const refusal = refusals.find(([known]) => known === name);
  if (refusal !== undefined) return new StoreError('refused', refusal[1], refusal[2]);
  if (/^(?:Credentials|Token)ProviderError$/.test(name)) {
    const remedy = 'give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or a role';
    return new StoreError('setup', 'cannot be asked: no AWS credentials are found', remedy);
  }
  const status = statusOf(error);
  if (status === undefined || status < 400) return error;
  if (/Throttl|TooManyRequests|LimitExceeded/.test(name)) {
    return new StoreError('down', 'throttles', 'ask less often, or raise the quota');
  }
  const check = `check ${ADDRESS_KEYS}`;
  if (isPassing(status)) return new StoreError('down', `failed (status ${status})`, check);
  if (/Token|Credential|Signature|Expired|UnrecognizedClient|InvalidClient/.test(name)) {
    const remedy = 'check the access key, its session token and the clock of this machine';
    return new StoreError('refused', `refuses the credentials (status ${status})`, remedy);
  }
  return new StoreError('refused', `refuses the request (status ${status})`, check);
}

function statusOf(error: Error): number | undefined {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
    ? Number(metadata.httpStatusCode)
    : undefined;
}
