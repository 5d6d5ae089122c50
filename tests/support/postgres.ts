import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, saysOf } from './redis.ts';

const BINARIES = newestBinaries();
const PASSWORD = 'postgres-password-of-tests';

/** Whether tests that need PostgreSQL are left out, by name. CI has it, or fails. */
export const lacksPostgres = BINARIES === undefined && process.env['CI'] === undefined;

/** A PostgreSQL cluster of its own, with a password and one user. */
export class PostgresServer {
  readonly port: number;
  readonly password = PASSWORD;
  readonly #folder = mkdtempSync(join(tmpdir(), 'strata-postgres-'));
  readonly #user = unprivileged();
  #process: ChildProcess | undefined;

  constructor(port: number) {
    this.port = port;
  }

  url(database = 'postgres', password = PASSWORD): string {
    return `postgres://strata:${password}@127.0.0.1:${this.port}/${database}`;
  }

  /** The URL of a database as it may be shown. */
  maskedUrl(database = 'postgres'): string {
    return `postgres://***@127.0.0.1:${this.port}/${database}`;
  }

  /** Make the cluster's files. */
  initialize(): void {
    const passwords = join(this.#folder, 'password');
    writeFileSync(passwords, PASSWORD);
    chmodSync(passwords, 0o644);
    if (this.#user !== undefined) chownSync(this.#folder, this.#user.uid, this.#user.gid);
    const args = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
    const { status, stderr } = spawnSync(
      binary('initdb'),
      [...args, '--username=strata', `--pwfile=${passwords}`, this.#data],
      { ...this.#user, cwd: this.#folder, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
  }

  /** Start it, for the first time or after its end: it keeps its data. */
  async start(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: '',
      fsync: 'off',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawn(binary('postgres'), ['-D', this.#data, ...args], {
      ...this.#user,
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = server;
    await saysOf(server, /ready to accept connections/);
  }

  /** End it at once, connections and all, as a crash would. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGQUIT');
    await ended;
  }

  /** End it and take its files away. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Run statements beside the app. */
  async run(text: string, database?: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: this.url(database) });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  /** Make an empty database and give its URL. */
  async createDatabase(): Promise<{ name: string; url: string }> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await this.run(`CREATE DATABASE ${name}`);
    return { name, url: this.url(name) };
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }
}

/** Start a cluster; whoever asks for it ends it with `remove()`. */
export async function startPostgres(): Promise<PostgresServer> {
  const postgres = new PostgresServer(await freePort());
  postgres.initialize();
  await postgres.start();
  return postgres;
}

function newestBinaries(): string | undefined {
  const root = '/usr/lib/postgresql';
  try {
    const [newest] = readdirSync(root).sort((one, other) => Number(other) - Number(one));
    return newest === undefined ? undefined : join(root, newest, 'bin');
  } catch {
    return undefined;
  }
}

function binary(name: string): string {
  if (BINARIES === undefined) throw new Error('PostgreSQL is not installed');
  return join(BINARIES, name);
}

// PostgreSQL refuses to run as root.
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}
