import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isPlainObject, parseJson } from '../plain.ts';
import { awsStore } from './aws.ts';
import { membersAsEntries } from './store-entries.ts';
import { StoreError } from './store-error.ts';

/** The current version of the secret SECRETS_MANAGER_ID: a JSON object whose members are keys. */
export const open = awsStore('Secrets Manager', 'SECRETS_MANAGER_ID', (id, options) => {
  const client = new SecretsManagerClient(options);
  const source = `secretsmanager:${id}`;
  const policy = `allow secretsmanager:GetSecretValue on ${id}; see docs/stores.md`;
  const keyPolicy = 'allow kms:Decrypt on the key of the secret; see docs/stores.md';
  const check = 'check SECRETS_MANAGER_ID and AWS_REGION';
  return {
    client,
    source,
    ask: async (abortSignal) => {
      const command = new GetSecretValueCommand({ SecretId: id });
      const { SecretString: text, CreatedDate } = await client.send(command, { abortSignal });
      const members = parseJson(text ?? '');
      if (isPlainObject(members)) return membersAsEntries(members, source, CreatedDate?.getTime());
      const kind =
        text === undefined ? 'binary secret there' : 'secret there that is no JSON object';
      throw new StoreError('content', `holds a ${kind}`, 'store a JSON object of keys');
    },
    refusals: [
      ['AccessDeniedException', 'denies access', policy],
      ['DecryptionFailure', 'cannot decrypt', keyPolicy],
      ['ResourceNotFoundException', 'has no such secret', check],
      ['InvalidRequestException', 'has that secret marked as deleted', check],
    ],
  };
});
