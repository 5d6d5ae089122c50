import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createSecureServer,
  type ServerOptions as SecureOptions,
} from 'node:https';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { freePort } from './redis.ts';

type Json = boolean | string | number | object | null;

/** A flag as LaunchDarkly's server-side stream gives it: `values[0]` while it is on. */
export function ldFlag(key: string, values: readonly Json[], more: object = {}) {
  return {
    key,
    version: 1,
    on: true,
    prerequisites: [],
    targets: [],
    contextTargets: [],
    rules: [],
    fallthrough: { variation: 0 },
    offVariation: values.length - 1,
    variations: values,
    salt: 'salt-of-tests',
    trackEvents: false,
    trackEventsFallthrough: false,
    debugEventsUntilDate: null,
    clientSideAvailability: { usingMobileKey: false, usingEnvironmentId: false },
    deleted: false,
    ...more,
  };
}

export type LdFlag = ReturnType<typeof ldFlag>;

/** LaunchDarkly's streaming endpoint and the one that takes events. */
export class LaunchDarklyServer {
  readonly port: number;
  sdkKey = 'sdk-key-of-tests-1b2c3d4e';
  /** The evaluation events that came. */
  readonly events: { kind: string }[] = [];
  /** How many streams were asked for. */
  asked = 0;
  readonly #secure: SecureOptions | undefined;
  readonly #streams = new Set<ServerResponse>();
  readonly #flags = new Map<string, LdFlag>();
  #server: Server | undefined;

  constructor(port: number, secure?: SecureOptions) {
    this.port = port;
    this.#secure = secure;
  }

  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://localhost:${this.port}`;
  }

  /** What an app needs to find it. */
  get vars(): Record<string, string> {
    return {
      FLAGS_VENDOR: 'launchdarkly',
      LAUNCHDARKLY_SDK_KEY: this.sdkKey,
      LAUNCHDARKLY_BASE_URL: this.url,
      LAUNCHDARKLY_STREAM_URL: this.url,
      LAUNCHDARKLY_EVENTS_URL: this.url,
    };
  }

  /** How many streams are open. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Change a flag, and tell the streams that are open. */
  patch(flag: LdFlag): void {
    if ((this.#flags.get(flag.key)?.version ?? 0) < flag.version) this.#flags.set(flag.key, flag);
    this.#send('patch', { path: `/flags/${flag.key}`, data: flag });
  }

  delete(key: string, version: number): void {
    if ((this.#flags.get(key)?.version ?? 0) < version) this.#flags.delete(key);
    this.#send('delete', { path: `/flags/${key}`, version });
  }

  async start(): Promise<void> {
    const listener = (req: IncomingMessage, res: ServerResponse) => void this.#answer(req, res);
    const server = this.#secure
      ? createSecureServer(this.#secure, listener)
      : createServer(listener);
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  /** End it as a crash would: streams are cut. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = (await buffer(req)).toString();
    if (req.headers.authorization !== this.sdkKey) return void res.writeHead(401).end();
    if (req.method === 'POST' && req.url === '/bulk') {
      this.events.push(...(JSON.parse(body) as { kind: string }[]));
      return void res.writeHead(202).end();
    }
    if (req.method !== 'GET' || req.url !== '/all') return void res.writeHead(404).end();
    this.asked += 1;
    res.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    this.#streams.add(res);
    res.once('close', () => this.#streams.delete(res));
    const flags = Object.fromEntries(this.#flags);
    res.write(message('put', { path: '/', data: { flags, segments: {} } }));
  }

  #send(event: string, data: object): void {
    for (const stream of this.#streams) stream.write(message(event, data));
  }
}

function message(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A LaunchDarkly server of the test's own, which ends with it. */
export async function startLaunchDarkly(
  flags: readonly LdFlag[] = [],
  secure?: SecureOptions,
): Promise<LaunchDarklyServer> {
  const server = new LaunchDarklyServer(await freePort(), secure);
  for (const flag of flags) server.patch(flag);
  onTestFinished(() => server.stop());
  await server.start();
  return server;
}
