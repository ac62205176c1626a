import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knock } from '../../../src/monitor/knock.js';

export interface ServerFolder {
  readonly dataDir: string;
  readonly port: number;
  readonly argv: readonly string[];
  remove(): void;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
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

/** Reads the port until it shows what is wanted; the deadline is the caller's protection, not its rhythm. */
export async function untilPort(port: number, wanted: string, deadlineMs = 20_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  let seen = '';
  while (performance.now() < end) {
    seen = await knock('127.0.0.1', port, 1000);
    if (seen === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`port ${String(port)} is ${seen}, not ${wanted}`);
}
