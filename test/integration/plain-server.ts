import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { until } from '../../src/sandbox/wait.js';

const run = promisify(execFile);
const shape = ['--innodb-log-file-size=16M', '--innodb-undo-tablespaces=0'];

/** A folder with an empty data directory that the test's servers are copied from. */
export async function makeNursery(): Promise<string> {
  const folder = await mkdtemp('/tmp/recsource-');
  const options = ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db', '--user=root'];
  await run('mariadb-install-db', [...options, ...shape, `--datadir=${join(folder, 'empty')}`]);
  return folder;
}

let nextPort = 23_300 + (process.pid % 500) * 4;

/** A mariadbd as a plain child process with a data directory of its own. */
export class PlainServer {
  readonly id: number;
  readonly port: number;
  readonly folder: string;
  readonly #nursery: string;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;
  #connection: Connection | undefined;

  constructor(nursery: string, id: number, options: readonly string[] = []) {
    this.id = id;
    this.port = nextPort++;
    this.folder = join(nursery, `server-${String(id)}-${String(this.port)}`);
    this.#nursery = nursery;
    this.#options = options;
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  async start(): Promise<void> {
    if (this.#process === undefined) {
      await mkdir(this.folder);
      await cp(join(this.#nursery, 'empty'), this.data, { recursive: true });
    }
    this.#process = spawn(
      'mariadbd',
      [
        '--no-defaults',
        '--user=root',
        `--datadir=${this.data}`,
        `--socket=${this.folder}/sock`,
        `--log-error=${this.folder}/error.log`,
        `--pid-file=${this.folder}/pid`,
        `--port=${String(this.port)}`,
        '--bind-address=127.0.0.1',
        `--server-id=${String(this.id)}`,
        '--log-bin=bin',
        '--relay-log=relay',
        '--log-slave-updates',
        '--sync-binlog=0',
        '--innodb-flush-log-at-trx-commit=2',
        '--innodb-buffer-pool-size=128M',
        '--max-allowed-packet=1G',
        '--slave-net-timeout=10',
        '--skip-slave-start',
        '--binlog-format=ROW',
        ...shape,
        ...this.#options,
      ],
      { stdio: 'ignore' },
    );
    await this.#connect();
  }

  async #connect(): Promise<void> {
    const log = (): string => readFileSync(`${this.folder}/error.log`, 'utf8');
    const child = this.#process;
    const answers = async (): Promise<Connection | 'ended'> =>
      child?.exitCode === null ? createConnection({ socketPath: `${this.folder}/sock`, user: 'root' }) : 'ended';
    const connection = await until(answers, { what: 'reach the server', deadlineMs: 60_000, epitaph: log });
    if (connection === 'ended') throw new Error(log());
    connection.on('error', () => undefined);
    this.#connection = connection;
  }

  async sql(text: string): Promise<RowDataPacket[]> {
    if (this.#connection === undefined) throw new Error('the server was not started');
    const [rows] = await this.#connection.query<RowDataPacket[]>(text);
    return rows;
  }

  async value(text: string): Promise<unknown> {
    const [row] = await this.sql(text);
    return row === undefined ? undefined : Object.values(row)[0];
  }

  /** The replica status. */
  async status(): Promise<Record<string, unknown>> {
    const [row] = await this.sql('SHOW SLAVE STATUS');
    return { ...row };
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#connection?.destroy();
    this.#connection = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

export async function removeNursery(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
