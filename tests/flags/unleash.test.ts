import { once } from 'node:events';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openUnleash } from '../../src/flags/sources/unleash.ts';
import { makeConfig } from '../config/make-config.ts';
import { gradual, startUnleashServer, toggle, type UnleashServer } from '../support/unleash.ts';

const FLAG = 'FEATURE_SIGNUP_V2';
const SUBJECTS = Array.from({ length: 2_000 }, (_, index) => `user-${index}`);

async function open(server: UnleashServer, vars: Record<string, string> = {}) {
  const all: Record<string, string> = { ...server.vars, ...vars };
  const config = await makeConfig({ vars: all });
  const vendor = await openUnleash(config);
  onTestFinished(() => vendor.close());
  const decide = (subject?: string) => {
    const vended = vendor.values().get(FLAG);
    return vended && 'isOn' in vended ? vended.isOn(subject) : undefined;
  };
  const variant = (subject: string) => {
    const vended = vendor.values().get(FLAG);
    return vended && 'isOn' in vended ? vended.variant(subject) : undefined;
  };
  return { config, vars: all, vendor, decide, variant };
}

async function plainClient(server: UnleashServer): Promise<Unleash> {
  const client = new Unleash({
    url: server.url,
    appName: 'plain',
    customHeaders: { Authorization: server.token },
    storageProvider: new InMemStorageProvider(),
    skipInstanceCountWarning: true,
  });
  onTestFinished(() => client.destroy());
  await once(client, 'synchronized');
  return client;
}

describe('what Unleash decides', () => {
  test('a flag that is switched there changes here within a poll, and listeners are told', async () => {
    const server = await startUnleashServer(toggle(FLAG, false));
    const { vendor, decide } = await open(server);
    const heard: string[] = [];
    vendor.onChange((names) => heard.push(...names));
    expect(decide()).toBe(false);
    server.setFeatures(toggle(FLAG, true));
    await vi.waitFor(() => expect(decide()).toBe(true), 2_000);
    expect(heard).toEqual([FLAG]);
  });

  test('25% there are the same users as in the plain client', async () => {
    const server = await startUnleashServer(gradual(FLAG, 25));
    const { decide } = await open(server);
    const plain = await plainClient(server);
    const ours = SUBJECTS.filter((subject) => decide(subject));
    expect(ours).toEqual(SUBJECTS.filter((userId) => plain.isEnabled(FLAG, { userId })));
    expect(ours.length).toBeGreaterThan(400);
    expect(ours.length).toBeLessThan(600);
  });
});
