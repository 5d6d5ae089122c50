import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isPlainObject, parseJson } from '../plain.ts';
import { awsStore } from './aws.ts';
import { membersAsEntries } from './store-entries.ts';
import { StoreError } from './store-error.ts';

/** The current version of the secret SECRETS_MANAGER_ID: a JSON object whose members are keys. */
export const open = awsStore('Secrets Manager', 'SECRETS_MANAGER_ID', (id, options) => {
  const client = new SecretsManagerClient(options);
  const source = `secretsmanager:${id}`;
  return {
    client,
    right: `secretsmanager:GetSecretValue on ${id}`,
    source,
    ask: async (abortSignal) => {
      const command = new GetSecretValueCommand({ SecretId: id });
      const { SecretString: text, CreatedDate } = await client.send(command, { abortSignal });
      const members = parseJson(text ?? '');
      if (isPlainObject(members)) return membersAsEntries(members, source, CreatedDate?.getTime());
      const what =
        text === undefined ? 'binary secret there' : 'secret there that is no JSON object';
      throw new StoreError('refused', `holds a ${what}`, 'store a JSON object of keys and values');
    },
  };
});
