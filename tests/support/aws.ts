import type { Answer, Asked } from './faulty-server.ts';

const TYPE = 'application/x-amz-json-1.1';

/** The credentials that the fake services of AWS take. */
export const AWS_VARS = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** An answer of a service that speaks AWS JSON 1.1. */
export function awsAnswer(body: unknown): Answer {
  return { status: 200, type: TYPE, body };
}

/** A refusal, as the services word it: the error's name with its status and message. */
export function awsRefusal(name: string, message = 'Refused.', status = 400): Answer {
  return { status, type: TYPE, body: { __type: name, message } };
}

/** The failures that every service of AWS has. */
export const AWS_FAULTS = {
  throttled: awsRefusal('ThrottlingException', 'Rate exceeded'),
  broken: awsRefusal('InternalServerError', 'An error occurred on the server side.', 500),
  expired: awsRefusal('ExpiredTokenException', 'The security token included is expired'),
  unsigned: awsRefusal('UnrecognizedClientException', 'The security token is invalid.'),
  page: { status: 503, type: 'text/html', body: '<html>Service Unavailable</html>' },
};

/** What is wrong with a request of the protocol, if anything is. */
export function protocolFault(
  { method, headers }: Asked,
  service: string,
  target: string,
): Answer | undefined {
  const { authorization = '' } = headers;
  const credential = new RegExp(
    `^AWS4-HMAC-SHA256 Credential=${AWS_VARS.AWS_ACCESS_KEY_ID}/\\d{8}/` +
      `${AWS_VARS.AWS_REGION}/${service}/aws4_request, SignedHeaders=\\S+, Signature=[0-9a-f]{64}$`,
  );
  if (!credential.test(authorization)) return AWS_FAULTS.unsigned;
  const isRight = method === 'POST' && headers['content-type'] === TYPE;
  if (!isRight || headers['x-amz-target'] !== target)
    return awsRefusal('UnknownOperationException');
  return undefined;
}
