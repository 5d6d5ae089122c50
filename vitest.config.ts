import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/clean-environment.ts'],
    setupFiles: ['tests/support/clean-environment.ts'],
    // Most tests wait for another process.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 20_000,
    // Node's own type stripping runs the code under test, as it does in production.
    experimental: { viteModuleRunner: false },
  },
});
