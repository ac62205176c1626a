import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childrenOf, signalPid } from '../../src/sandbox/proc.js';
import { makePrivilegeFolder, sshdConfig, unlessGiven } from '../../src/sandbox/sshd.js';
import { until } from '../../src/sandbox/wait.js';
import { freePort } from '../support/free-port.js';

/** What sshd has when nothing is said: the product must get along with that. */
const usual = ['MaxSessions 10', 'MaxStartups 10:30:100', 'LogLevel DEBUG1'];

/** A throw-away sshd on a loopback port, with keys and configuration of its own and no trace elsewhere. */
export interface OwnSshd {
  readonly dir: string;
  readonly port: number;
  readonly identity: string;
  readonly knownHosts: string;
  start(): Promise<void>;
  /** Ends the listening process; connections that are open stay, as with a real sshd. */
  stop(): Promise<void>;
  /** Ends every connection it has served; the listening process goes on. */
  endConnections(): void;
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
  const files = { hostKey: file('host_key'), authorizedKeys: file('authorized_keys') };
  const extra = [...extraConfig, ...unlessGiven(usual, extraConfig)];
  const text = sshdConfig({ address: '127.0.0.1', port, ...files }, extra);
  writeFileSync(file('sshd_config'), text);
  let sshd: ChildProcess | undefined;
  const served = (): readonly number[] => (sshd?.pid === undefined ? [] : childrenOf(sshd.pid));
  const self: OwnSshd = {
    dir,
    port,
    identity: file('identity'),
    knownHosts: file('known_hosts'),
    start: async () => {
      // `-D` keeps it our child; a session of its own lets `kill` reach what it has forked.
      sshd = spawn('/usr/sbin/sshd', ['-D', '-f', file('sshd_config'), '-E', file('sshd.log')], { stdio: 'ignore' });
      await until(() => isOpen(port), {
        what: `open sshd's port ${String(port)}`,
        deadlineMs: 15_000,
        epitaph: () => readFileSync(file('sshd.log'), 'utf8').slice(-2000),
      });
    },
    stop: async () => {
      const running = sshd;
      sshd = undefined;
      if (running?.exitCode !== null || running.signalCode !== null) return;
      running.kill('SIGTERM');
      await once(running, 'exit');
    },
    endConnections: () => {
      for (const pid of served()) signalPid(pid, 'SIGKILL');
    },
    kill: async () => {
      const orphans = served();
      await self.stop();
      for (const pid of orphans) signalPid(pid, 'SIGKILL');
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

async function isOpen(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  const open = new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  return open.finally(() => socket.destroy());
}
