import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { freePort } from './redis.ts';

/** A flag as the client API of Unleash gives it. */
export interface UnleashFeature {
  readonly name: string;
  readonly enabled: boolean;
  readonly strategies: readonly object[];
  readonly variants?: readonly object[];
  readonly dependencies?: readonly object[];
}

export interface Heard {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly status: number;
  readonly body?: unknown;
}

/** On for everybody, or off. */
export function toggle(name: string, enabled: boolean): UnleashFeature {
  return { name, enabled, strategies: [{ name: 'default', constraints: [], parameters: {} }] };
}

/** On for a share (%) of the users, as the admin pages make it. */
export function gradual(
  name: string,
  rollout: number,
  more: object = {},
  how: object = {},
): UnleashFeature {
  const parameters = { groupId: name, rollout: String(rollout), stickiness: 'default', ...how };
  const strategy = { name: 'flexibleRollout', constraints: [], parameters, variants: [], ...more };
  return { name, enabled: true, strategies: [strategy] };
}

/** The client API of an Unleash server: definitions with ETags, registration, metrics. */
export class UnleashServer {
  readonly port: number;
  readonly heard: Heard[] = [];
  token = 'default:development.unleash-token-of-tests';
  /** Answer each request with this status instead. */
  failWith: number | undefined;
  /** Take requests and never answer them. */
  isHung = false;
  /** Break off in the middle of what it says. */
  garbles = false;
  /** Named constraints that strategies refer to by id. */
  segments: readonly { id: number; constraints: readonly object[] }[] = [];
  #features: readonly UnleashFeature[] = [];
  #revision = 1;
  #server: Server | undefined;

  constructor(port: number) {
    this.port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api`;
  }

  /** What an app needs to find it. */
  get vars(): Record<string, string> {
    return {
      FLAGS_VENDOR: 'unleash',
      UNLEASH_URL: this.url,
      UNLEASH_TOKEN: this.token,
      UNLEASH_REFRESH_SECONDS: '1',
    };
  }

  /** Put these flags in place of all that there were. */
  setFeatures(...features: UnleashFeature[]): void {
    this.#features = features;
    this.#revision += 1;
  }

  async start(): Promise<void> {
    const server = createServer((req, res) => void this.#answer(req, res));
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Wait for the next request to a path that is answered with one of these statuses. */
  async hears(path: string, ...statuses: number[]): Promise<Heard> {
    const start = this.heard.length;
    for (;;) {
      const found = this.heard
        .slice(start)
        .find((one) => one.path === path && statuses.includes(one.status));
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '').split('?')[0] ?? '';
    const text = (await buffer(req)).toString();
    const body = text === '' ? {} : { body: JSON.parse(text) };
    if (this.isHung) return;
    const [status, answer] = this.failWith ? [this.failWith] : this.#route(req, path);
    this.heard.push({ path, headers: req.headers, status, ...body });
    res.statusCode = status;
    if (answer === undefined) return void res.end();
    res.setHeader('Content-Type', 'application/json; charset=utf-8');
    if (path === '/api/client/features') res.setHeader('ETag', this.#etag());
    res.end(JSON.stringify(answer).slice(0, this.garbles ? 40 : undefined));
  }

  #route(req: IncomingMessage, path: string): [status: number, answer?: object] {
    if (req.headers.authorization !== this.token) {
      return [401, { name: 'UnauthorizedError', message: 'You must log in to use Unleash.' }];
    }
    if (req.method === 'POST' && path === '/api/client/register') return [202];
    if (req.method === 'POST' && path === '/api/client/metrics') return [202];
    if (req.method !== 'GET' || path !== '/api/client/features') return [404, { name: 'NotFound' }];
    if (req.headers['if-none-match'] === this.#etag()) return [304];
    const features = this.#features.map((feature) => ({
      type: 'release',
      project: 'default',
      stale: false,
      variants: [],
      description: null,
      impressionData: false,
      ...feature,
    }));
    const meta = { revisionId: this.#revision, etag: this.#etag(), queryHash: '76d8bb0e' };
    const query = { project: ['*'], environment: 'development', inlineSegmentConstraints: false };
    return [200, { version: 2, features, segments: this.segments, query, meta }];
  }

  #etag(): string {
    const digest = createHash('sha1').update(JSON.stringify(this.#features)).digest('hex');
    return `"76d8bb0e:${this.#revision}:${digest.slice(0, 8)}"`;
  }
}

/** An Unleash server of the test's own, which ends with it. */
export async function startUnleashServer(...features: UnleashFeature[]): Promise<UnleashServer> {
  const server = new UnleashServer(await freePort());
  server.setFeatures(...features);
  onTestFinished(() => server.stop());
  await server.start();
  return server;
}
