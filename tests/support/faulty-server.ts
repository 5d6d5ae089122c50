import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

const DRIP_MS = 20;

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

export interface Answer {
  readonly status: number;
  readonly type?: string;
  /** Text is sent as it is, everything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What goes wrong: the connection itself, or an answer that is none of the service's usual ones. */
export type Fault = 'hang' | 'reset' | 'drip' | Answer;

/** A server on a free port that fails on demand; it ends with the test. */
export class FaultyServer {
  /** Every request so far, the failed ones included. */
  readonly asked: Asked[] = [];
  readonly #server: Server;
  readonly #faults: Fault[] = [];
  #always: Fault | undefined;

  constructor(answer: (asked: Asked) => Answer) {
    this.#server = createServer(async (req, res) => {
      const asked = await readRequest(req);
      this.asked.push(asked);
      const fault = this.#faults.shift() ?? this.#always;
      if (fault === 'hang') return;
      if (fault === 'reset') req.socket.resetAndDestroy();
      else if (fault === 'drip') drip(res, answer(asked));
      else send(res, fault ?? answer(asked));
    });
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    onTestFinished(() => this.stop());
    return this;
  }

  /** End it as a crash would: nobody listens any more. */
  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Answer the next requests so, one fault each. */
  failNext(...faults: Fault[]): void {
    this.#faults.push(...faults);
  }

  /** Answer every request so, until told otherwise. */
  failAlways(fault: Fault | undefined): void {
    this.#always = fault;
  }
}

async function readRequest(req: IncomingMessage): Promise<Asked> {
  let text = '';
  for await (const chunk of req) text += chunk;
  return {
    method: req.method ?? '',
    path: req.url ?? '',
    headers: req.headers,
    body: text === '' ? {} : JSON.parse(text),
  };
}

function send(res: ServerResponse, { status, type = 'application/json', ...answer }: Answer): void {
  const { body, headers } = answer;
  res.writeHead(status, { 'content-type': type, ...headers });
  res.end(typeof body === 'string' ? body : JSON.stringify(body));
}

// A byte now and then keeps every timer on silence from ringing.
function drip(res: ServerResponse, { status, type = 'application/json', body }: Answer): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': type, 'content-length': text.length });
  let sent = 0;
  const timer = setInterval(() => {
    if (sent < text.length - 1) res.write(text[sent]);
    sent += 1;
  }, DRIP_MS);
  res.once('close', () => clearInterval(timer));
}
