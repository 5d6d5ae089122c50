import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isSecretName } from '../../src/config/secret.ts';
import { loadWorld, temporaryFolder } from '../support/app.ts';
import { PROJECT } from '../support/process.ts';
import { readProject } from './files.ts';

interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly secrets?: readonly string[];
  readonly networks: readonly string[];
  readonly stop_grace_period?: string;
  readonly [option: string]: unknown;
}

const compose: {
  services: Record<'caddy' | 'web' | 'postgres' | 'redis', Service>;
  networks: Record<string, { internal?: boolean } | null>;
  secrets: Record<string, { file: string }>;
} = parse(readProject('docker-compose.yml'), { merge: true });
const { web, caddy } = compose.services;
const services = Object.entries(compose.services);

describe('every service', () => {
  test.each(services)('%s has limits, a health check, few rights and short logs', (_, service) => {
    expect(service).toMatchObject({
      restart: 'unless-stopped',
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      logging: { options: { 'max-size': expect.any(String), 'max-file': expect.any(String) } },
      mem_limit: expect.stringMatching(/^\d+m$/),
      cpus: expect.any(Number),
      pids_limit: expect.any(Number),
      healthcheck: { interval: expect.any(String), timeout: expect.any(String) },
    });
    expect(service['privileged']).toBeUndefined();
  });

  test('that is not built is pinned to a major version', () => {
    const images = services.flatMap(([, { image }]) => image ?? []);
    expect(images.filter((image) => !/^[a-z]+:\d+(?:\.\d+)*$/.test(image))).toEqual([]);
    expect(images).toHaveLength(services.length - 1);
  });

  test('gets its secrets as files, never as a variable', () => {
    const variables = services.flatMap(([, { environment = {} }]) => Object.keys(environment));
    expect(variables.filter(isSecretName)).toEqual(['POSTGRES_PASSWORD_FILE']);
  });
});

describe('the way in', () => {
  test('is Caddy alone', () => {
    const open = services.filter(([, service]) => 'ports' in service || 'network_mode' in service);
    expect(open.map(([name]) => name)).toEqual(['caddy']);
  });

  test('leads through the app to the data, which has no way out', () => {
    const networks = services.map(([name, service]) => [name, service.networks]);
    expect(Object.fromEntries(networks)).toEqual({
      caddy: ['front'],
      web: ['front', 'data'],
      postgres: ['data'],
      redis: ['data'],
    });
    expect(compose.networks).toEqual({ front: null, data: { internal: true } });
  });

  test('is opened once all behind it are well', () => {
    const healthy = { condition: 'service_healthy' };
    expect(web['depends_on']).toEqual({ postgres: healthy, redis: healthy });
    expect(caddy['depends_on']).toEqual({ web: healthy });
  });
});

describe('the app', () => {
  test('is built here, cannot write to its root, and sees the instance folder read-only', () => {
    expect(web).toMatchObject({
      build: '.',
      init: true,
      read_only: true,
      volumes: ['./instance:/app/instance:ro'],
    });
  });

  test('has a valid configuration, without a warning, with the secrets that are made for it', async () => {
    const made = makeSecrets();
    const secrets = Object.fromEntries(web.secrets?.map((name) => [name, made[name] ?? '']) ?? []);
    const { problems, warnings, contributions, values } = await loadWorld({
      env: 'production',
      vars: variablesOf(web),
      secrets,
    });
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    for (const name of Object.keys(secrets)) {
      expect(contributions.get(name.toUpperCase())?.at(-1)?.layer).toBe('secret-files');
    }
    // Caddy sets X-Forwarded-For, and looks for the app at the port that it listens on.
    expect(values['TRUST_PROXY_HOPS']).toBe(1);
    expect(readProject('deploy/Caddyfile')).toContain(`dynamic a web ${values['PORT']} {`);
    expect(values['SERVER_NAME']).toBe('localhost');
  });

  test('has time enough to end before it is killed, and so has Caddy', async () => {
    const { values } = await loadWorld({ env: 'production' });
    const needed = Number(values['SHUTDOWN_DRAIN_MS']) + Number(values['SHUTDOWN_TIMEOUT_MS']);
    expect(graceOf(web)).toBeGreaterThan(needed);
    const times = readProject('deploy/Caddyfile').matchAll(
      /(?:shutdown_delay|grace_period) (\d+)s/g,
    );
    const caddyNeeds = [...times].reduce((sum, [, seconds]) => sum + Number(seconds) * 1000, 0);
    expect(caddyNeeds).toBeGreaterThanOrEqual(Number(values['SHUTDOWN_TIMEOUT_MS']));
    expect(graceOf(caddy)).toBeGreaterThan(caddyNeeds);
  });
});

test('npm run secrets makes exactly the files that compose hands out', () => {
  const files = Object.entries(compose.secrets).map(([name, { file }]) => [name, file]);
  expect(files.map(([name]) => name).sort()).toEqual(Object.keys(makeSecrets()).sort());
  expect(files.filter(([name, file]) => file !== `./secrets/${name}`)).toEqual([]);
  const used = new Set(services.flatMap(([, { secrets = [] }]) => secrets));
  expect([...used].sort()).toEqual(Object.keys(compose.secrets).sort());
});

function makeSecrets(): Record<string, string> {
  const folder = temporaryFolder();
  spawnSync(process.execPath, [join(PROJECT, 'scripts/secrets.ts'), folder]);
  const names = readdirSync(folder);
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** A service's variables, where `${NAME:-default}` has its default. */
function variablesOf({ environment = {} }: Service): Record<string, string> {
  const entries = Object.entries(environment).map(([name, value]) => [
    name,
    String(value).replace(/\$\{\w+:-(.*?)\}/g, '$1'),
  ]);
  return Object.fromEntries(entries);
}

function graceOf({ stop_grace_period: period = '' }: Service): number {
  return Number(/^(\d+)s$/.exec(period)?.[1]) * 1000;
}
