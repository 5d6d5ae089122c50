import type { Client } from 'pg';

const LONGEST_PAUSE_MS = 2_000;

/**
 * Keep one connection that listens to a channel, and make a new one whenever it breaks. `heard` is
 * called for each notice, and when the connection comes or goes, since notices may be lost then.
 */
export function listenTo(makeClient: () => Client, channel: string, heard: () => void) {
  let current: Client | undefined;
  let tries = 0;
  let again: NodeJS.Timeout | undefined;
  const open = () => {
    const client = makeClient();
    current = client;
    const lost = () => {
      if (current !== client) return;
      current = undefined;
      void client.end().catch(() => undefined);
      again = setTimeout(open, Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS)).unref();
      tries += 1;
      heard();
    };
    client.on('error', lost).on('end', lost).on('notification', heard);
    client
      .connect()
      .then(() => client.query(`LISTEN ${client.escapeIdentifier(channel)}`))
      .then(() => {
        tries = 0;
        heard();
      })
      .catch(lost);
  };
  open();
  return async () => {
    clearTimeout(again);
    const last = current;
    current = undefined;
    await last?.end().catch(() => undefined);
  };
}
