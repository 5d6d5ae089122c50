import { setTimeout as wait } from 'node:timers/promises';
import request from 'supertest';
import { ADMIN, cookieOf, OPERATORS } from '../ops/door.ts';
import { type RunningServer, startServer } from '../support/process.ts';

export const FLAG = 'FEATURE_SIGNUP_V2';
export const RECONCILE_SECONDS = 2;
/** How patient a poll is. */
export const SOON = { timeout: 5_000, interval: 20 };

// Four replicas leave the other tests some of the machine.
const PAUSE_MS = 5;

/** One of several processes of the app, and an admin's pass for it. */
export class Replica {
  readonly server: RunningServer;
  readonly url: string;
  #pass: Record<string, string> = {};

  constructor(server: RunningServer, url: string) {
    this.server = server;
    this.url = url;
  }

  /** Whether a visitor sees what the flag hides. @throws when the request fails */
  async isOn(): Promise<boolean> {
    const { status } = await request(this.url).get('/signup-v2');
    if (status === 200 || status === 404) return status === 200;
    throw new Error(`GET /signup-v2 answers ${status}`);
  }

  async logIn(): Promise<void> {
    const response = await request(this.url).post('/ops/login').send(ADMIN);
    if (response.status !== 200) throw new Error(`login: ${response.status} ${response.text}`);
    this.#pass = { Cookie: cookieOf(response), 'X-CSRF-Token': response.body.csrfToken };
  }

  async toggle(value: unknown, more: object = {}, flag = FLAG): Promise<request.Response> {
    const body = { value, reason: 'a test', ...more };
    return request(this.url).post(`/ops/flags/${flag}`).set(this.#pass).send(body);
  }

  /** As `toggle`, where the flag still has this revision; gives the status. */
  async toggleIf(revision: number, value: unknown): Promise<number> {
    const headers = { ...this.#pass, 'If-Match': `"${revision}"` };
    const call = request(this.url).post(`/ops/flags/${FLAG}`).set(headers);
    return (await call.send({ value, reason: 'a race' })).status;
  }

  /** What `GET /ops/flags` says. */
  async told(flag = FLAG) {
    const { body } = await request(this.url).get('/ops/flags').set(this.#pass);
    const flags = body.flags as { name: string; revision: number }[];
    return { flag: flags.find(({ name }) => name === flag), sources: body.sources };
  }
}

/** Start processes of the app that share what `vars` name, and log in to each. */
export async function startReplicas(
  vars: Record<string, string>,
  count = 4,
): Promise<[Replica, ...Replica[]]> {
  const start = async () => {
    const server = startServer({
      env: 'development',
      vars: {
        OPS_USERS: JSON.stringify(OPERATORS),
        // Operators stay logged in while the flags' store is dead.
        SESSION_STORE: 'memory',
        FLAGS_RECONCILE_SECONDS: String(RECONCILE_SECONDS),
        APP_RATE_LIMIT__MAX: '100000',
        ...vars,
      },
    });
    const replica = new Replica(server, (await server.url()).replace(/\/$/, ''));
    await replica.logIn();
    return replica;
  };
  const [first, ...others] = await Promise.all(Array.from({ length: count }, start));
  if (first === undefined) throw new Error('no replica was asked for');
  return [first, ...others];
}

/** What each replica shows now. */
export function shown(replicas: readonly Replica[]): Promise<boolean[]> {
  return Promise.all(replicas.map((replica) => replica.isOn()));
}

/** The highest revision that each replica knows of. */
export function revisions(
  replicas: readonly Replica[],
  flag?: string,
): Promise<(number | undefined)[]> {
  return Promise.all(replicas.map(async (replica) => (await replica.told(flag)).flag?.revision));
}

/** Whether each replica's overrides are fresh. */
export function statuses(replicas: readonly Replica[]): Promise<string[]> {
  return Promise.all(replicas.map(async (replica) => (await replica.told()).sources[0].status));
}

/** Visit all replicas over and over; `end` gives every answer that was seen, or throws. */
export function keepAsking(replicas: readonly Replica[]) {
  const seen = new Set<boolean>();
  let answers = 0;
  let isEnding = false;
  const visit = async (replica: Replica) => {
    while (!isEnding) {
      seen.add(await replica.isOn());
      answers += 1;
      await wait(PAUSE_MS);
    }
  };
  const visits = Promise.all(replicas.map(visit));
  // It is awaited at the end; a failure before that must not be nobody's.
  visits.catch(() => undefined);
  return {
    answered: () => answers,
    async end() {
      isEnding = true;
      await visits;
      return seen;
    },
  };
}
