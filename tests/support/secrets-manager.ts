import { awsAnswer, awsRefusal, protocolFault } from './aws.ts';
import { type Answer, type Asked, FaultyServer } from './faulty-server.ts';

/** A secret: text, bytes, or one that is marked for deletion. */
type Kept = { readonly text: string } | { readonly bytes: Buffer } | 'deleted';

/** AWS Secrets Manager, as far as GetSecretValue. */
export class FakeSecretsManager extends FaultyServer {
  /** The secrets by name. */
  readonly secrets = new Map<string, Kept>();
  /** When each of them was written, in ms since the epoch. */
  createdAt = 1_600_000_000_000;

  constructor() {
    super((asked) => this.#answer(asked));
  }

  /** Write a JSON secret. */
  put(name: string, members: unknown): void {
    this.secrets.set(name, { text: JSON.stringify(members) });
  }

  #answer(asked: Asked): Answer {
    const fault = protocolFault(asked, 'secretsmanager', 'secretsmanager.GetSecretValue');
    if (fault !== undefined) return fault;
    const name = String(asked.body['SecretId']).replace(/^arn:.*:secret:/, '');
    const secret = this.secrets.get(name);
    if (secret === undefined) {
      const message = "Secrets Manager can't find the specified secret.";
      return awsRefusal('ResourceNotFoundException', message);
    }
    if (secret === 'deleted') {
      const message = `You can't perform this operation on the secret because it was marked for deletion.`;
      return awsRefusal('InvalidRequestException', message);
    }
    return awsAnswer({
      ARN: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-a1b2c3`,
      CreatedDate: this.createdAt / 1000,
      Name: name,
      ...('text' in secret
        ? { SecretString: secret.text }
        : { SecretBinary: secret.bytes.toString('base64') }),
      VersionId: 'a1b2c3d4-5678-90ab-cdef-EXAMPLE11111',
      VersionStages: ['AWSCURRENT'],
    });
  }
}

export async function startSecretsManager(
  secrets: Record<string, unknown> = {},
): Promise<FakeSecretsManager> {
  const server = await new FakeSecretsManager().start();
  for (const [name, members] of Object.entries(secrets)) server.put(name, members);
  return server;
}
