/** What runs on a `[binlogN]` host: the family's own program, which streams the source's binary log into a folder. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../../src/sandbox/cluster.js';
import type { FamilyName } from '../../../src/sandbox/family/family.js';
import { until } from '../../../src/sandbox/wait.js';
import { binlogsOf } from './dead-disk.js';

/** Each stream is a replica for its source, which ends an older one with the same id. */
const idOption: Readonly<Record<FamilyName, string>> = {
  mariadb: 'stop-never-slave-server-id',
  mysql97: 'connection-server-id',
  mysql56: 'stop-never-slave-server-id',
};

export interface BinlogStream {
  /** Waits until all that the source's log holds now has come. */
  received(): Promise<void>;
  /** Ends the program; what it has received stays. */
  stop(): Promise<void>;
}

/** Streams db1's log from its first file on. */
export async function streamBinlogs(cluster: Cluster, name: string): Promise<BinlogStream> {
  const copyHost = cluster.copyHosts.find((one) => one.name === name);
  if (copyHost === undefined) throw new Error(`no host ${name} for copies`);
  const { user, password } = cluster.accounts.replication;
  const { address, port } = cluster.host('db1');
  // In a file: the arguments of a process can be read by everybody.
  const options = join(cluster.folder, `${name}-stream.cnf`);
  await writeFile(options, `[client]\nuser=${user}\npassword="${password.reveal()}"\n`, { mode: 0o600 });
  const [first = ''] = binlogsOf(cluster, 'db1');
  const child = cluster.spawnIn(name, [
    ...cluster.family.programs().binlogReader,
    `--defaults-file=${options}`,
    '--read-from-remote-server',
    `--host=${address}`,
    `--port=${String(port)}`,
    '--raw',
    '--stop-never',
    `--${idOption[cluster.family.name]}=${String(streamIds + cluster.copyHosts.indexOf(copyHost))}`,
    `--result-file=${copyHost.copies}/`,
    first.slice(first.lastIndexOf('/') + 1),
  ]);
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr]) output?.on('data', (piece: Buffer) => said.push(String(piece)));
  return {
    received: async () => {
      const [end] = await cluster.sql('db1', cluster.family.words.showBinlogEnd);
      const copy = join(copyHost.copies, end?.['File'] ?? '');
      await until(() => sizeOf(copy) >= Number(end?.['Position']), {
        what: `see ${name} receive what db1 has written`,
        deadlineMs: 30_000,
        epitaph: () => said.join('') + readdirSync(copyHost.copies).join(' '),
      });
    },
    stop: () => ended(child),
  };
}

/** Every copied file is byte for byte what the source has, as far as it goes, but for the flag of an open file. */
export function expectCopies(cluster: Cluster, name: string): void {
  const folder = cluster.copyHosts.find((one) => one.name === name)?.copies ?? '';
  for (const file of binlogsOf(cluster, 'db1')) mustBeSame(file, copyOf(folder, file));
}

function copyOf(folder: string, file: string): string {
  return join(folder, file.slice(file.lastIndexOf('/') + 1));
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

const streamIds = 1000;
const inUseFlag = 4 + 17;

function mustBeSame(file: string, copy: string): void {
  const copied = readFileSync(copy);
  const own = readFileSync(file).subarray(0, copied.length);
  for (const bytes of [own, copied]) bytes[inUseFlag] = 0;
  if (!own.equals(copied)) throw new Error(`${copy} is no copy of ${file}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
