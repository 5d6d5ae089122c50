import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { LayerContext, LayerResult } from '../model.ts';
import { isPlainObject, type PlainObject } from '../plain.ts';
import { awsError, loadFromAws } from './aws-client.ts';
import type { Entry } from './entries.ts';
import { membersAsEntries } from './store.ts';
import { StoreError } from './store-error.ts';

/** The current version of the secret SECRETS_MANAGER_ID: a JSON object whose members are keys. */
export function loadSecretsManager(context: LayerContext): Promise<LayerResult> {
  return loadFromAws(context, 'Secrets Manager', (id, options) => {
    const client = new SecretsManagerClient(options);
    return {
      client,
      source: `secretsmanager:${id}`,
      ask: (deadline) => readSecret(client, id, deadline),
    };
  });
}

async function readSecret(
  client: SecretsManagerClient,
  id: string,
  deadline: AbortSignal,
): Promise<Entry[]> {
  try {
    const command = new GetSecretValueCommand({ SecretId: id });
    const secret = await client.send(command, { abortSignal: deadline });
    const members = parseMembers(secret.SecretString);
    return membersAsEntries(members, `secretsmanager:${id}`, secret.CreatedDate?.getTime());
  } catch (error) {
    const policy = `allow secretsmanager:GetSecretValue on ${id}; see docs/stores.md`;
    const keyPolicy = 'allow kms:Decrypt on the key of the secret; see docs/stores.md';
    const check = 'check SECRETS_MANAGER_ID and AWS_REGION';
    throw awsError(error, {
      AccessDeniedException: ['denies access', policy],
      DecryptionFailure: ['cannot decrypt', keyPolicy],
      ResourceNotFoundException: ['has no such secret', check],
      InvalidRequestException: ['has that secret marked as deleted', check],
    });
  }
}

function parseMembers(text: string | undefined): PlainObject {
  const remedy = 'store a JSON object whose members are keys';
  if (text === undefined) throw new StoreError('content', 'holds a binary secret there', remedy);
  let members: unknown;
  try {
    members = JSON.parse(text);
  } catch {
    // The parser's own message quotes the secret.
  }
  if (isPlainObject(members)) return members;
  throw new StoreError('content', 'holds a secret there that is no JSON object', remedy);
}
