import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knock } from '../../../src/monitor/knock.js';
import type { PortSight } from '../../../src/ports/knock.js';
import { until } from '../../../src/sandbox/wait.js';
import { freePort } from '../../support/free-port.js';

export interface ServerFolder {
  readonly dataDir: string;
  readonly port: number;
  readonly argv: readonly string[];
  remove(): void;
}

/** An empty MariaDB data directory, and the words that start a server on it. */
export async function makeServerFolder(): Promise<ServerFolder> {
  const root = mkdtempSync(join(tmpdir(), 'monitor-server-'));
  const dataDir = join(root, 'data');
  mkdirSync(dataDir);
  const common = ['--no-defaults', '--user=root', `--datadir=${dataDir}`];
  execFileSync('mariadb-install-db', [...common, '--auth-root-authentication-method=normal', '--skip-test-db'], {
    stdio: 'ignore',
  });
  const port = await freePort();
  const argv = [
    'mariadbd',
    ...common,
    `--port=${String(port)}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(root, 'sock')}`,
    `--pid-file=${join(root, 'pid')}`,
    '--innodb-buffer-pool-size=16M',
    '--skip-grant-tables',
    '--skip-networking=0',
    `--log-bin=${join(root, 'data', 'mysql-bin')}`,
  ];
  return { dataDir, port, argv, remove: () => rmSync(root, { recursive: true, force: true }) };
}

export function start(words: readonly string[], options: { readonly detached?: boolean } = {}): ChildProcess {
  const [program = '', ...args] = words;
  return spawn(program, args, { stdio: 'ignore', ...options });
}

/** Reads the port until it shows what is wanted. */
export async function untilPort(port: number, wanted: PortSight, deadlineMs = 20_000): Promise<void> {
  let seen: PortSight | undefined;
  const shows = async (): Promise<boolean> => (seen = await knock('127.0.0.1', port, 1000)) === wanted;
  const what = `see port ${String(port)} become ${wanted}`;
  await until(shows, { what, deadlineMs, epitaph: () => `it is ${String(seen)}` });
}
