import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadWorld, makeApp, PRODUCTION_VARS } from '../support/app.ts';
import { PROJECT } from '../support/process.ts';
import { readProject } from './files.ts';

const text = readProject('docs/deploy.md');
const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => parse(yaml));
const overrides = blocks.filter((block) => 'services' in block);
const { spec: pod } = blocks.find(({ kind }) => kind === 'Deployment').spec.template;
const [container] = pod.containers;
const compose = parse(readProject('docker-compose.yml'), { merge: true });

describe('docs/deploy.md', () => {
  test('names files that are there, and every secret of docker-compose.yml', () => {
    const files = [...text.matchAll(/`((?:deploy|scripts)\/[\w./-]+|Dockerfile|\.dockerignore)`/g)];
    const links = [...text.matchAll(/\]\(([\w-]+\.md)/g)].map(([, name]) => `docs/${name}`);
    const paths = [...files.map(([, path = '']) => path), ...links];
    expect(paths.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
    for (const name of Object.keys(compose.secrets)) expect(text).toContain(`| \`${name}\` |`);
  });

  test.each(overrides)('has additions to docker-compose.yml that fit it (%#)', async (override) => {
    const known = Object.keys(compose.services);
    expect(Object.keys(override.services).filter((name) => !known.includes(name))).toEqual([]);
    const { environment = {}, secrets = [] } = override.services.web;
    const added = Object.keys({ ...compose.secrets, ...override.secrets });
    expect(secrets.filter((name: string) => !added.includes(name))).toEqual([]);
    expect(await faultsWith(environment)).toEqual([]);
  });
});

describe('the Deployment for Kubernetes', () => {
  test('sets keys that there are', async () => {
    const env: [string, string][] = container.env.map(({ name, value }: Record<string, string>) => [
      name,
      value,
    ]);
    const { SECRETS_DIR, ...vars } = Object.fromEntries(env);
    expect(SECRETS_DIR).toBe(container.volumeMounts[0].mountPath);
    const redis = { REDIS_URL: 'redis://127.0.0.1:6379/0' };
    expect(await faultsWith({ ...vars, ...redis })).toEqual([]);
  });

  test('probes addresses that the app answers, on its port', async () => {
    const app = await makeApp({
      env: 'production',
      vars: { ...PRODUCTION_VARS, LOG_LEVEL: 'silent' },
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'].map(
      (name) => container[name],
    );
    for (const { httpGet } of probes) {
      const response = await fetch(`http://127.0.0.1:${port}${httpGet.path}`);
      expect(response.status).toBe(200);
    }
    server.close();
    expect(container.livenessProbe.httpGet.path).toBe('/livez');
    expect(container.ports[0].containerPort).toBe(app.locals.config.get('PORT'));
  });

  test('gives the app time to end, few rights and no variables of services', async () => {
    const { values } = await loadWorld({ env: 'production' });
    const needed = Number(values['SHUTDOWN_DRAIN_MS']) + Number(values['SHUTDOWN_TIMEOUT_MS']);
    expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(needed);
    expect(pod).toMatchObject({
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, fsGroup: 1000 },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });
});

/** What is wrong or odd about a production configuration with these variables. */
async function faultsWith(variables: Record<string, string | number>): Promise<unknown[]> {
  const vars = Object.entries(variables).map(([name, value]) => [name, String(value)]);
  const { problems, warnings } = await loadWorld({
    env: 'production',
    vars: { ...PRODUCTION_VARS, ...Object.fromEntries(vars) },
  });
  return [...problems, ...warnings];
}
