import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePrivilegeFolder } from '../../src/sandbox/sshd.js';

/** A throw-away sshd on a loopback port, with keys and configuration of its own and no trace elsewhere. */
export interface OwnSshd {
  readonly dir: string;
  readonly port: number;
  readonly identity: string;
  readonly knownHosts: string;
  start(): Promise<void>;
  /** Ends the listening process; connections that are open stay, as with a real sshd. */
  stop(): Promise<void>;
  /** Ends the listening process and every connection it has served. */
  kill(): Promise<void>;
  newHostKey(): void;
  remove(): Promise<void>;
}

export async function createOwnSshd(extraConfig: readonly string[] = []): Promise<OwnSshd> {
  const dir = mkdtempSync(join(tmpdir(), 'own-sshd-'));
  const port = await freePort();
  await makePrivilegeFolder();
  const file = (name: string): string => join(dir, name);
  const keygen = (name: string): void => {
    rmSync(file(name), { force: true });
    rmSync(file(`${name}.pub`), { force: true });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'own', '-f', file(name)]);
  };
  keygen('host_key');
  keygen('identity');
  execFileSync('cp', [file('identity.pub'), file('authorized_keys')]);
  writeFileSync(file('sshd_config'), sshdConfig(dir, port, extraConfig));
  let sshd: ChildProcess | undefined;
  const self: OwnSshd = {
    dir,
    port,
    identity: file('identity'),
    knownHosts: file('known_hosts'),
    start: async () => {
      // `-D` keeps it our child; a session of its own lets `kill` reach what it has forked.
      sshd = spawn('/usr/sbin/sshd', ['-D', '-f', file('sshd_config'), '-E', file('sshd.log')], { stdio: 'ignore' });
      await untilOpen(port, 5000);
    },
    stop: async () => {
      const running = sshd;
      sshd = undefined;
      if (running?.exitCode !== null || running.signalCode !== null) return;
      running.kill('SIGTERM');
      await once(running, 'exit');
    },
    kill: async () => {
      const served = sshd?.pid === undefined ? [] : childrenOf(sshd.pid);
      await self.stop();
      for (const pid of served) killIfThere(pid);
    },
    newHostKey: () => {
      keygen('host_key');
    },
    remove: async () => {
      await self.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await self.start();
  return self;
}

function sshdConfig(dir: string, port: number, extra: readonly string[]): string {
  return [
    // The first value counts in sshd_config, so what a test sets comes first.
    ...extra,
    `Port ${String(port)}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${dir}/host_key`,
    `PidFile ${dir}/sshd.pid`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'StrictModes no',
    'UsePAM no',
    'AllowTcpForwarding yes',
    'LogLevel DEBUG1',
    '',
  ].join('\n');
}

function childrenOf(pid: number): readonly number[] {
  const listed = execFileSync('sh', ['-c', `ps -o pid= --ppid ${String(pid)} || true`], { encoding: 'utf8' });
  return listed
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself between the look and the signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return address.port;
}

async function untilOpen(port: number, deadlineMs: number): Promise<void> {
  for (const end = Date.now() + deadlineMs; Date.now() < end;) {
    const socket = connect({ host: '127.0.0.1', port });
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`sshd did not open port ${String(port)}`);
}
