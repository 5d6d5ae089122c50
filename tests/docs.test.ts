import { expect, test, vi } from 'vitest';
import { configurationPage } from '../scripts/docs/configuration-page.ts';
import { dotenvExample } from '../scripts/docs/dotenv-example.ts';

const CANARY = 'canary-of-the-machine-that-writes-the-docs';

// Stands in for /run/secrets, which a container or a build machine may really have.
vi.mock('../src/config/layers/secret-files.ts', () => ({
  secretFilesLayer: () => ({
    contributions: ['SECRET_KEY', 'APP_NAME'].map((key) => {
      return { layer: 'secret-files', source: `/run/secrets/${key}`, key, value: CANARY };
    }),
    sources: [],
  }),
}));

test('the generated docs hold nothing of the machine that writes them', async () => {
  const docs = [await configurationPage(), await dotenvExample()].join('\n');
  expect(docs).toContain('dev-insecure-key');
  expect(docs).not.toContain(CANARY);
});
