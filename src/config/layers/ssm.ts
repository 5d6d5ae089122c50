import { type Parameter, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { declaration } from '../schema.ts';
import { kindOf } from '../value-type.ts';
import { awsStore } from './aws.ts';
import type { Entry } from './entries.ts';
import { pathOf } from './store-entries.ts';

/** The parameters below SSM_PATH, decrypted: the segments below it name the key. */
export const open = awsStore('SSM', 'SSM_PATH', (id, options) => {
  const client = new SSMClient(options);
  const path = id.replace(/\/$/, '');
  const query = { Path: path, Recursive: true, WithDecryption: true };
  return {
    client,
    right: `ssm:GetParametersByPath on parameter${path}`,
    source: `ssm:${path}`,
    ask: async (abortSignal) => {
      const entries: Entry[] = [];
      for await (const page of paginateGetParametersByPath({ client }, query, { abortSignal })) {
        entries.push(...(page.Parameters ?? []).flatMap((one) => toEntry(one, path)));
      }
      return entries;
    },
  };
});

// `/app` must never read `/app-other`, whatever a server makes of the path.
function toEntry({ Name = '', Type, Value, LastModifiedDate }: Parameter, root: string): Entry[] {
  if (!Name.startsWith(`${root}/`) || Value === undefined) return [];
  const names = Name.slice(root.length + 1).split('/');
  const path = names.flatMap(pathOf);
  const type = declaration(path[0]?.toUpperCase() ?? '')?.type;
  const isList = Type === 'StringList' && type !== undefined && kindOf(type) === 'array';
  const value = isList ? Value.split(',') : Value;
  return [{ path, source: `ssm:${Name}`, value, changedAt: LastModifiedDate?.getTime() }];
}
