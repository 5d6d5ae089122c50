/** Take out of this process's environment whatever the shell would configure the app with. */
function cleanEnvironment(): void {
  for (const name of Object.keys(process.env)) {
    if (isOurs(name)) delete process.env[name];
  }
}

function isOurs(name: string): boolean {
  return (
    /^(?:APP_|FEATURE_|VAULT_|AWS_|SSM_|SECRETS?_|OPS_|SESSION_|FLAGS_|UNLEASH_|LAUNCHDARKLY_)/.test(
      name,
    ) ||
    ['DATABASE_URL', 'REDIS_URL', 'INSTANCE_DIR', 'HOST', 'PORT', 'LOG_LEVEL', 'ENV'].includes(name)
  );
}

cleanEnvironment();

/** Vitest calls it before it starts its workers, which inherit what is left. */
export default cleanEnvironment;
