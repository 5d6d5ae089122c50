import type { InstanceConfig } from '../src/config/schema.ts';

/** Copy this file to `config.ts`. A function may give other values for each environment. */
const config: InstanceConfig = (environment) => ({
  APP_NAME: environment === 'development' ? 'Strata (my machine)' : 'Strata',
  // Make one with: openssl rand -base64 48
  SECRET_KEY: 'replace-me',
  DATABASE_URL: 'sqlite:dev.db',
});

export default config;
