import { GetParametersByPathCommand, type Parameter, SSMClient } from '@aws-sdk/client-ssm';
import type { LayerContext, LayerResult } from '../model.ts';
import { declaration } from '../schema.ts';
import { kindOf } from '../value-type.ts';
import { awsError, loadFromAws } from './aws-client.ts';
import type { Entry } from './entries.ts';
import { pathOf } from './store.ts';

/** The parameters below SSM_PATH, decrypted: the segments below it name the key. */
export function loadSsm(context: LayerContext): Promise<LayerResult> {
  return loadFromAws(context, 'SSM', (id, options) => {
    const client = new SSMClient(options);
    const path = id.replace(/\/$/, '');
    return { client, source: `ssm:${path}`, ask: (deadline) => readPages(client, path, deadline) };
  });
}

async function readPages(client: SSMClient, path: string, deadline: AbortSignal): Promise<Entry[]> {
  const entries: Entry[] = [];
  let token: string | undefined;
  try {
    do {
      const command = new GetParametersByPathCommand({
        Path: path,
        Recursive: true,
        WithDecryption: true,
        NextToken: token,
      });
      const page = await client.send(command, { abortSignal: deadline });
      entries.push(...(page.Parameters ?? []).flatMap((parameter) => toEntry(parameter, path)));
      token = page.NextToken;
    } while (token);
  } catch (error) {
    const policy = `allow ssm:GetParametersByPath on parameter${path}; see docs/stores.md`;
    const keyPolicy = 'allow kms:Decrypt on the key of the SecureStrings; see docs/stores.md';
    throw awsError(error, {
      AccessDeniedException: ['denies access', policy],
      InvalidKeyId: ['cannot decrypt', keyPolicy],
      ValidationException: ['takes no such path', 'check SSM_PATH'],
    });
  }
  return entries;
}

// `/app` must never read `/app-other`, whatever a server makes of the path.
function toEntry({ Name = '', Type, Value, LastModifiedDate }: Parameter, root: string): Entry[] {
  if (!Name.startsWith(`${root}/`) || Value === undefined) return [];
  const path = Name.slice(root.length + 1)
    .split('/')
    .flatMap(pathOf);
  const type = declaration(path[0]?.toUpperCase() ?? '')?.type;
  const isList = Type === 'StringList' && type !== undefined && kindOf(type) === 'array';
  const value = isList ? Value.split(',') : Value;
  return [{ path, source: `ssm:${Name}`, value, changedAt: LastModifiedDate?.getTime() }];
}
