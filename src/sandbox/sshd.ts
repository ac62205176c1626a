import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { LabHost } from './lab.js';
import { commandName, signalPid } from './proc.js';
import { hostKey, managerKey, placeKey } from './ssh-keys.js';
import { until } from './wait.js';

/** One host's sshd: it lets the manager's key in, and nobody else. */
export interface SshServer {
  readonly port: number;
  start(): Promise<void>;
  /** Ends the listening daemon and every session, at once. */
  kill(): Promise<void>;
}

export async function prepareSshd(host: LabHost, port: number, extra: readonly string[]): Promise<SshServer> {
  const config = join(host.folder, 'sshd_config');
  const log = join(host.folder, 'sshd.log');
  const files = { hostKey: join(host.folder, 'ssh_host_key'), authorizedKeys: join(host.folder, 'authorized_keys') };
  const key = await hostKey(host.name);
  await placeKey(key.file, files.hostKey);
  await writeFile(files.authorizedKeys, (await managerKey()).publicLine, { mode: 0o600 });
  await writeFile(config, sshdConfig({ address: host.address, port, ...files }, extra));
  let daemon: ChildProcess | undefined;
  return {
    port,
    start: async () => {
      const file = openSync(log, 'a');
      daemon = host.spawn(['/usr/sbin/sshd', '-D', '-e', '-f', config], { stdio: ['ignore', file, file] });
      await until(() => listens(host, port), {
        what: `start sshd of ${host.name}`,
        deadlineMs: 15_000,
        epitaph: () => readFileSync(log, 'utf8').slice(-2000),
      });
    },
    kill: async () => {
      const gone = daemon?.exitCode === null && daemon.signalCode === null ? once(daemon, 'exit') : undefined;
      for (const pid of host.processes()) if (commandName(pid) === 'sshd') signalPid(pid, 'SIGKILL');
      await gone;
    },
  };
}

/** sshd of root will not start without it; it is what the package's own start script makes (Debian's ssh.service). */
export async function makePrivilegeFolder(): Promise<void> {
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
}

/** Where a daemon listens, and the files that it reads. */
export interface SshdPlace {
  readonly address: string;
  readonly port: number;
  readonly hostKey: string;
  readonly authorizedKeys: string;
}

export function sshdConfig(place: SshdPlace, extra: readonly string[]): string {
  const own = [
    `Port ${String(place.port)}`,
    `ListenAddress ${place.address}`,
    `HostKey ${place.hostKey}`,
    `AuthorizedKeysFile ${place.authorizedKeys}`,
    // The folder lies below /tmp, which is writable for all, though the folder itself is not.
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'UseDNS no',
    'PidFile none',
    'MaxStartups 200',
    'MaxSessions 100',
    'PrintMotd no',
    'Subsystem sftp internal-sftp',
  ];
  return [...extra, ...unlessGiven(own, extra), ''].join('\n');
}

/** The first value of a keyword counts (sshd_config(5)), but of MaxStartups the last one does (OpenSSH 9.2). */
export function unlessGiven(lines: readonly string[], given: readonly string[]): readonly string[] {
  const keyword = (line: string): string => line.split(' ', 1).join().toLowerCase();
  const known = new Set(given.map(keyword));
  return lines.filter((line) => !known.has(keyword(line)));
}

/** Looks into the host's own table of sockets: the lab's addresses cannot be reached from outside. */
async function listens(host: LabHost, port: number): Promise<boolean> {
  const probe = host.spawn(['sh', '-c', 'cat /proc/net/tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  probe.stdout?.on('data', (piece: Buffer) => (text += String(piece)));
  await once(probe, 'close');
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`;
  const address = host.address.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return text.includes(address.reverse().join('') + wanted);
}
