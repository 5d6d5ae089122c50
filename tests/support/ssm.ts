import { awsAnswer, awsRefusal, protocolFault } from './aws.ts';
import { type Answer, type Asked, FaultyServer } from './faulty-server.ts';

interface Parameter {
  readonly value: string;
  readonly type?: 'String' | 'StringList' | 'SecureString';
  /** When it was last changed, in ms since the epoch. */
  readonly changedAt?: number;
}

/** AWS SSM Parameter Store, as far as GetParametersByPath. */
export class FakeSsm extends FaultyServer {
  /** The parameters by their whole name. */
  readonly parameters: Map<string, Parameter>;

  constructor(parameters: Record<string, string | Parameter>) {
    super((asked) => this.#answer(asked));
    this.parameters = new Map(
      Object.entries(parameters).map(([name, parameter]) => [
        name,
        typeof parameter === 'string' ? { value: parameter } : parameter,
      ]),
    );
  }

  #answer(asked: Asked): Answer {
    const fault = protocolFault(asked, 'ssm', 'AmazonSSM.GetParametersByPath');
    if (fault !== undefined) return fault;
    const { Path, Recursive, WithDecryption, MaxResults = 10, NextToken } = asked.body;
    if (typeof Path !== 'string' || !Path.startsWith('/') || Number(MaxResults) > 10) {
      return awsRefusal('ValidationException', 'The parameter path is not valid.');
    }
    const below = [...this.parameters].filter(
      ([name]) =>
        name.startsWith(`${Path.replace(/\/$/, '')}/`) &&
        (Recursive === true || !name.slice(Path.length + 1).includes('/')),
    );
    const start = NextToken === undefined ? 0 : Number(String(NextToken).replace('page-', ''));
    const end = start + Number(MaxResults);
    return awsAnswer({
      Parameters: below
        .slice(start, end)
        .map(([name, parameter]) => describe(name, parameter, WithDecryption === true)),
      ...(end < below.length ? { NextToken: `page-${end}` } : {}),
    });
  }
}

function describe(
  name: string,
  { value, type = 'SecureString', changedAt }: Parameter,
  clear: boolean,
) {
  return {
    ARN: `arn:aws:ssm:eu-central-1:123456789012:parameter${name}`,
    DataType: 'text',
    LastModifiedDate: (changedAt ?? 1_600_000_000_000) / 1000,
    Name: name,
    Type: type,
    Value: type === 'SecureString' && !clear ? 'AQICAHencrypted' : value,
    Version: 1,
  };
}

export function startSsm(parameters: Record<string, string | Parameter> = {}): Promise<FakeSsm> {
  return new FakeSsm(parameters).start();
}
