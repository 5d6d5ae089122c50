import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { Express } from 'express';
import { onTestFinished } from 'vitest';

/** Serve an app on loopback until the test ends; gives the port. */
export async function serve(app: Express): Promise<number> {
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Send a request and give its whole answer as bytes, but for the date and the request's id. */
export async function rawAnswer(port: number, asked: RawRequest): Promise<string> {
  const { method = 'GET', path, headers = {}, body = '' } = asked;
  const lines = { Host: 'app.test', Connection: 'close', ...headers };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(port, '127.0.0.1');
  // Answered before all of the body was read, the server may reset the connection.
  socket.on('error', () => undefined);
  socket.write(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`);
  let answer = '';
  socket.setEncoding('latin1').on('data', (data: string) => {
    answer += data;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  const id = /^X-Request-Id: (\S+)/im.exec(answer)?.[1] ?? 'no id';
  return answer.replaceAll(id, '(id)').replace(/^Date: .*$/im, 'Date: (date)');
}
