import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { PRODUCTION_VARS } from '../support/app.ts';
import { type RunningServer, startServer } from '../support/process.ts';

const QUICK = { APP_SHUTDOWN_DRAIN_MS: '300', APP_SHUTDOWN_TIMEOUT_MS: '5000', LOG_LEVEL: 'info' };

describe('SIGTERM', () => {
  test('with 50 keep-alive clients under load loses no request and exits 0', async () => {
    // As long as a busy machine may need to tell the balancer.
    const server = startServer({ vars: { ...QUICK, APP_SHUTDOWN_DRAIN_MS: '3000' } });
    const url = await server.url();
    const balancer = { isOpen: true };
    const tallies = Array.from({ length: 50 }, (): Tally => ({ answers: 0, failures: [] }));
    const clients = tallies.map((tally) => keepAsking(url, balancer, tally));
    await vi.waitFor(
      () => expect(tallies.every(({ answers }) => answers >= 10)).toBe(true),
      10_000,
    );
    server.process.kill('SIGTERM');
    await watchReadiness(url, balancer);
    await Promise.all(clients);
    expect(tallies.flatMap(({ failures }) => failures)).toEqual([]);
    expect((await server.ended()).code).toBe(0);
    expect(server.stdout).toMatch(/"msg":"ended"\}\n$/);
  });

  test('turns readiness off, keeps liveness on, and asks clients to go', async () => {
    const server = startServer({ vars: { ...QUICK, APP_SHUTDOWN_DRAIN_MS: '60000' } });
    const url = await server.url();
    expect(await ask(`${url}readyz`)).toEqual({ status: 200, connection: 'keep-alive' });
    server.process.kill('SIGTERM');
    await server.said(/"msg":"draining"/);
    expect(await ask(`${url}readyz`)).toEqual({ status: 503, connection: 'close' });
    expect(await ask(`${url}livez`)).toEqual({ status: 200, connection: 'close' });
    expect(await ask(url)).toEqual({ status: 200, connection: 'close' });
  });

  test('waits for a request whose body is still on its way', async () => {
    const server = startServer({ vars: { ...QUICK, APP_SHUTDOWN_DRAIN_MS: '0' } });
    const socket = await openSocket(await server.url());
    socket.write(postHead(14));
    socket.write('{"name":');
    await answered(await server.url());
    server.process.kill('SIGTERM');
    await server.said(/"msg":"draining"/);
    socket.write('"Ada"}');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 201 Created\r\n[\s\S]*"Hello, Ada!"/);
    expect((await server.ended()).code).toBe(0);
  });

  test('cuts a request that hangs after SHUTDOWN_TIMEOUT_MS, says so and exits 0', async () => {
    const vars = { ...QUICK, APP_SHUTDOWN_DRAIN_MS: '0', APP_SHUTDOWN_TIMEOUT_MS: '400' };
    const server = startServer({ vars });
    const socket = await openSocket(await server.url());
    socket.write(postHead(14));
    await answered(await server.url());
    const start = performance.now();
    server.process.kill('SIGTERM');
    await Promise.all([once(socket, 'close'), server.ended()]);
    expect(server.process.exitCode).toBe(0);
    expect(performance.now() - start).toBeGreaterThanOrEqual(390);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(server.stdout).toContain('some requests took too long and were cut');
  });

  test('with idle keep-alive connections alone ends long before the limit', async () => {
    const server = startServer({ vars: { ...QUICK, APP_SHUTDOWN_TIMEOUT_MS: '15000' } });
    const url = await server.url();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    await Promise.all(Array.from({ length: 20 }, () => get(`${url}livez`, agent)));
    const start = performance.now();
    server.process.kill('SIGTERM');
    expect((await server.ended()).code).toBe(0);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('in development ends without a drain delay', async () => {
    const server = startServer({ env: 'development' });
    await server.url();
    server.process.kill('SIGTERM');
    expect((await server.ended()).code).toBe(0);
    expect(server.stdout).toMatch(/"drainMs":0,"timeoutMs":20000,"msg":"draining"/);
  });

  test('in production announces the longer drain', async () => {
    const vars = { HOST: '127.0.0.1', ...PRODUCTION_VARS };
    const server = startServer({ env: 'production', vars });
    await server.url();
    server.process.kill('SIGTERM');
    await server.said(/"drainMs":5000,"timeoutMs":20000,"msg":"draining"/);
  });
});

const PAIRS: [first: NodeJS.Signals, second: NodeJS.Signals][] = [
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGINT'],
  ['SIGTERM', 'SIGINT'],
];

test.each(PAIRS)('%s and then %s ends at once', async (first, second) => {
  const server = startServer({ vars: { ...QUICK, APP_SHUTDOWN_DRAIN_MS: '60000' } });
  await server.url();
  server.process.kill(first);
  await server.said(/"msg":"draining"/);
  server.process.kill(second);
  expect(await closed(server)).not.toBe(0);
});

interface Tally {
  answers: number;
  readonly failures: string[];
}

/** A client with one kept connection, asking again and again while the balancer sends it here. */
async function keepAsking(url: string, balancer: { isOpen: boolean }, tally: Tally) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (balancer.isOpen) {
    try {
      const { status } = await get(`${url}api/greetings?name=Ada`, agent);
      if (status === 200) tally.answers += 1;
      else tally.failures.push(String(status));
    } catch (error) {
      tally.failures.push(String(error));
    }
  }
  agent.destroy();
}

/** What a load balancer does: ask for readiness, and turn away when it is gone. */
async function watchReadiness(url: string, balancer: { isOpen: boolean }): Promise<void> {
  while ((await get(`${url}readyz`).catch(() => undefined))?.status === 200);
  balancer.isOpen = false;
}

async function get(url: string, agent?: Agent) {
  const outgoing = request(url, agent ? { agent } : { agent: false });
  outgoing.end();
  const [response] = await once(outgoing, 'response');
  response.resume();
  await once(response, 'end');
  return { status: response.statusCode, connection: response.headers.connection };
}

async function ask(url: string) {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  return get(url, agent);
}

/** The server has read what was sent to it before this question. */
async function answered(url: string): Promise<void> {
  await get(`${url}livez`);
}

async function openSocket(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function postHead(length: number): string {
  const type = 'Content-Type: application/json';
  return `POST /api/greetings HTTP/1.1\r\nHost: x\r\n${type}\r\nContent-Length: ${length}\r\n\r\n`;
}

async function closed(server: RunningServer): Promise<number | null> {
  return (await server.ended()).code;
}
