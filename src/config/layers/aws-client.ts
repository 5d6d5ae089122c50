import { maskText } from '../mask.ts';
import type { LayerContext, LayerResult } from '../model.ts';
import type { Entry } from './entries.ts';
import { loadStore, misconfigured, readSettings } from './store.ts';
import { isPassing, StoreError, storeErrorOf } from './store-error.ts';

/** A store of AWS, and the client that asks it. */
interface AwsStore {
  readonly client: { destroy(): void };
  readonly source: string;
  ask(deadline: AbortSignal): Promise<readonly Entry[]>;
}

type ClientOptions = ReturnType<typeof clientOptions>;

/** Load the store that `key` turns on; `open` makes it from the key's value. */
export async function loadFromAws(
  context: LayerContext,
  service: 'SSM' | 'Secrets Manager',
  open: (id: string, options: ClientOptions) => AwsStore,
): Promise<LayerResult> {
  const prefix = service === 'SSM' ? 'SSM' : 'SECRETS_MANAGER';
  const key = service === 'SSM' ? 'SSM_PATH' : 'SECRETS_MANAGER_ID';
  const settings = readSettings(context);
  const id = settings?.[key];
  if (settings === undefined || id === undefined) return misconfigured(service);
  const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = settings;
  if (region === undefined) {
    const reason = `is needed where ${key} is set`;
    const remedy = 'set AWS_REGION or APP_AWS_REGION';
    return misconfigured(service, { key: 'AWS_REGION', reason, remedy });
  }
  const { client, source, ask } = open(id, clientOptions(region, endpoint, context));
  try {
    return await loadStore(
      {
        layer: 'aws',
        key,
        source,
        name: `${service} ${endpoint === undefined ? `in ${region}` : `at ${maskText(endpoint)}`}`,
        addressKeys: 'AWS_REGION and AWS_ENDPOINT_URL',
        required: settings[`${prefix}_REQUIRED`],
        timeoutMs: settings[`${prefix}_TIMEOUT_MS`],
        ask,
      },
      context.previous,
    );
  } finally {
    // An answer that was given up must not keep the process alive.
    client.destroy();
  }
}

function clientOptions(region: string, endpoint: string | undefined, { processEnv }: LayerContext) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE } = processEnv;
  // Otherwise the SDK's own chain, with its profiles and roles, looks at the process itself.
  const credentials =
    AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY && !AWS_PROFILE
      ? {
          accessKeyId: AWS_ACCESS_KEY_ID,
          secretAccessKey: AWS_SECRET_ACCESS_KEY,
          ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
        }
      : undefined;
  return {
    region,
    // Tries are counted in one place, and that is not here.
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** An SDK's failure in our own words; `refusals` are a service's own, by the error's name. */
export function awsError(
  error: unknown,
  refusals: Readonly<Record<string, readonly [message: string, remedy: string]>>,
): StoreError {
  const check = 'check AWS_REGION and AWS_ENDPOINT_URL';
  if (!(error instanceof Error) || error instanceof StoreError) return storeErrorOf(error, check);
  const { name } = error;
  const refusal = Object.hasOwn(refusals, name) ? refusals[name] : undefined;
  if (refusal !== undefined) return new StoreError('refused', ...refusal);
  if (/^(?:Credentials|Token)ProviderError$/.test(name)) {
    const remedy = 'give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or a role';
    return new StoreError('setup', 'cannot be asked: no AWS credentials are found', remedy);
  }
  const status = statusOf(error);
  if (status === undefined || status < 400) return storeErrorOf(error, check);
  if (/Throttl|TooManyRequests|LimitExceeded/.test(name)) {
    return new StoreError('down', 'throttles', 'ask less often, or raise the quota');
  }
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
