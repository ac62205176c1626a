import { execFileSync } from 'node:child_process';
import { serverId } from '../../src/model/settings.js';
import type { Door, Shells } from '../../src/ports/shell.js';
import { until } from '../../src/sandbox/wait.js';
import { openShells } from '../../src/ssh/doors.js';
import type { HostKeyNotice } from '../../src/ssh/host-key.js';
import type { WarmPolicy } from '../../src/ssh/warm-shells.js';
import type { OwnSshd } from './own-sshd.js';

export const id = serverId('db1', 3306);
export const notices: HostKeyNotice[] = [];
const opened: Shells[] = [];

export interface Way {
  readonly options?: string;
  readonly port?: number;
  readonly connectTimeoutMs?: number;
  readonly home?: string;
  readonly warmth?: WarmPolicy;
}

export function shellsTo(sshd: OwnSshd, way: Way = {}): Shells {
  const options = way.options ?? `-i ${sshd.identity} -o UserKnownHostsFile=${sshd.knownHosts}`;
  const ssh = {
    host: 'db1',
    address: '127.0.0.1',
    port: way.port ?? sshd.port,
    user: 'root',
    options,
    connectTimeoutMs: way.connectTimeoutMs ?? 10_000,
  };
  const shells = openShells([{ id, ssh }], {
    onNotice: (notice) => notices.push(notice),
    ...(way.warmth === undefined ? {} : { warmth: way.warmth }),
    home: { home: way.home ?? sshd.dir, agentSocket: undefined, globalKnownHosts: [] },
  });
  opened.push(shells);
  return shells;
}

export function doorTo(sshd: OwnSshd, way: Way = {}): Door {
  return shellsTo(sshd, way).door(id);
}

export function keepOpen(shells: Shells): void {
  opened.push(shells);
}

/** Closes what a test has opened and forgets what it was told. */
export function closeDoors(): void {
  for (const shells of opened.splice(0)) shells.close();
  notices.splice(0);
}

export async function untilRunning(commandLine: string): Promise<void> {
  await until(() => isRunning(commandLine), { what: `see "${commandLine}" run`, deadlineMs: 20_000 });
}

export async function untilEnded(...commandLines: readonly string[]): Promise<void> {
  const ended = (): boolean => !commandLines.some(isRunning);
  await until(ended, { what: `see the end of "${commandLines.join('", "')}"`, deadlineMs: 20_000 });
}

export function isRunning(commandLine: string): boolean {
  const all = execFileSync('ps', ['ax', '-o', 'args='], { encoding: 'utf8' });
  return all.split('\n').includes(commandLine);
}
