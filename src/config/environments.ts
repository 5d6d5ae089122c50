import type { EnvironmentName } from './model.ts';
import type { Settings, SettingsInput } from './schema.ts';

/** What every environment starts from: the values that are right in production. */
export class BaseConfig {
  APP_NAME = 'Strata';
  DEBUG = false;
  TESTING = false;
  HOST = '0.0.0.0';
  PORT = 3000;
  PREFERRED_URL_SCHEME: Settings['PREFERRED_URL_SCHEME'] = 'https';
  TRUST_PROXY_HOPS = 0;
  MAX_CONTENT_LENGTH = 16 * 1024 * 1024;
  SEND_FILE_MAX_AGE_DEFAULT = 365 * 24 * 60 * 60;
  REQUEST_TIMEOUT_MS = 30_000;
  SHUTDOWN_DRAIN_MS = 5_000;
  SHUTDOWN_TIMEOUT_MS = 20_000;
  SECRET_KEY_FALLBACKS: string[] = [];
  SESSION_COOKIE_NAME = 'session';
  SESSION_COOKIE_SECURE = true;
  SESSION_COOKIE_HTTPONLY = true;
  SESSION_COOKIE_SAMESITE: Settings['SESSION_COOKIE_SAMESITE'] = 'lax';
  SESSION_COOKIE_PATH: Settings['SESSION_COOKIE_PATH'] = '/';
  SESSION_TTL_SECONDS = 8 * 60 * 60;
  SESSION_ABSOLUTE_TTL_SECONDS = 7 * 24 * 60 * 60;
  SESSION_STORE: Settings['SESSION_STORE'] = 'database';
  CSRF_ENABLED = true;
  CSP =
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; " +
    "form-action 'self'";
  CORS_ORIGINS: string[] = [];
  HSTS_MAX_AGE = 365 * 24 * 60 * 60;
  RATE_LIMIT = { WINDOW_SECONDS: 60, MAX: 300, LOGIN: { WINDOW_SECONDS: 900, MAX: 10 } };
  OPS_USERS: NonNullable<SettingsInput['OPS_USERS']> = [];
  OPS_SIGNING_KEYS: NonNullable<SettingsInput['OPS_SIGNING_KEYS']> = [];
  OPS_NETWORKS: string[] = [];
  FLAGS_STORE: Settings['FLAGS_STORE'] = 'database';
  FLAGS_RECONCILE_SECONDS = 30;
  UNLEASH_REFRESH_SECONDS = 15;
  FLAGS_VENDOR_REFRESH_SECONDS = 60;
  LOG_LEVEL: Settings['LOG_LEVEL'] = 'info';
  SECRETS_DIR = '/run/secrets';
  SECRETS_REFRESH_SECONDS = 300;
  SSM_REQUIRED = true;
  SSM_TIMEOUT_MS = 5_000;
  SECRETS_MANAGER_REQUIRED = true;
  SECRETS_MANAGER_TIMEOUT_MS = 5_000;
  VAULT_REQUIRED = true;
  VAULT_TIMEOUT_MS = 5_000;
  VAULT_APPROLE_MOUNT = 'approle';
  VAULT_K8S_MOUNT = 'kubernetes';
  VAULT_K8S_TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';
  VAULT_JWT_MOUNT = 'jwt';
  APP_IGNORE: string[] = [];
}

/** One machine, plain http, everything said aloud. */
export class DevelopmentConfig extends BaseConfig {
  override DEBUG = true;
  override HOST = '127.0.0.1';
  override PREFERRED_URL_SCHEME: Settings['PREFERRED_URL_SCHEME'] = 'http';
  override SEND_FILE_MAX_AGE_DEFAULT = 0;
  override SHUTDOWN_DRAIN_MS = 0;
  override SESSION_COOKIE_SECURE = false;
  override SSM_REQUIRED = false;
  override SECRETS_MANAGER_REQUIRED = false;
  override VAULT_REQUIRED = false;
  SECRET_KEY = 'dev-insecure-key';
  DATABASE_URL = 'sqlite:dev.db';
}

/** Silent, in memory, on any free port. */
export class TestingConfig extends DevelopmentConfig {
  override TESTING = true;
  override PORT = 0;
  override SESSION_STORE: Settings['SESSION_STORE'] = 'memory';
  override FLAGS_STORE: Settings['FLAGS_STORE'] = 'memory';
  override CSRF_ENABLED = false;
  override DATABASE_URL = 'sqlite::memory:';
}

/** The base as it is: secrets and the database come from outside. */
export class ProductionConfig extends BaseConfig {}

/** Production's rehearsal: the same rules, other data. */
export class StagingConfig extends ProductionConfig {}

export const ENVIRONMENTS: Record<EnvironmentName, new () => SettingsInput> = {
  development: DevelopmentConfig,
  testing: TestingConfig,
  staging: StagingConfig,
  production: ProductionConfig,
};
