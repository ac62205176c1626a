import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startCluster } from '../cluster.js';
import type { Cluster } from '../cluster-shape.js';
import { stopReceiver } from '../replica-verbs.js';
import { startProduct, watching } from '../manager.js';
import { commandName } from '../proc.js';
import { startWriter } from '../writer.js';
import { killAndMeasure } from './death.js';
import type { Part, Sample } from './part.js';

const everyMs = 20;
const rows = 1024;

/** What the manager holds in memory: while it watches, and at most while it rescues one transaction of 1 GiB. */
export const memory: Part = {
  name: 'memory',
  title: "The manager's memory",
  method: `Resident memory of the manager's process (all its threads, the recovery worker too): while it watches, and the most it ever
was (VmHWM) until the end of a failover in which one transaction of 1 GiB is on the dead disk only. Fewer runs than
elsewhere, since each moves some 10 GiB.`,
  runs: 3,
  figures: {
    idle: { name: 'watching', unit: 'MB', digits: 0 },
    most: { name: 'largest, with a tail of 1 GiB', unit: 'MB', digits: 0, atMost: 150 },
    outage: { name: 'outage meanwhile', unit: 's', digits: 1 },
  },
  run: async (): Promise<Sample> => {
    const cluster = await startCluster();
    try {
      const writer = await startWriter(cluster, { ratePerWorker: 20 });
      const manager = startProduct(cluster, ['manager'], 'ignore');
      await watching(cluster, manager);
      const pid = processOf(cluster);
      const idle = megabytes(pid, 'VmRSS') ?? Number.NaN;
      const most = watchMost(pid, manager);
      for (const { name } of cluster.hosts.slice(1)) await stopReceiver(cluster, name);
      await cluster.sql('db1', 'CREATE TABLE app.large (id INT PRIMARY KEY, payload LONGBLOB) ENGINE=InnoDB');
      await cluster.sql(
        'db1',
        `INSERT INTO app.large SELECT seq, REPEAT(CHAR(65 + seq % 26), 1048576) FROM app.seq_1_to_${String(rows)}`,
      );
      const death = await killAndMeasure(cluster, writer, manager);
      return { idle, most: most(), outage: death.outageMs / 1000 };
    } finally {
      await cluster.stop();
    }
  },
};

/** The manager itself, not what brought it into its host. */
function processOf(cluster: Cluster): number {
  const pid = cluster.processesOf('manager').find((one) => commandName(one) === 'node');
  if (pid === undefined) throw new Error('no manager runs');
  return pid;
}

/** The kernel's own high-water mark, looked at until the process is gone. */
function watchMost(pid: number, manager: ChildProcess): () => number {
  let most = Number.NaN;
  const look = (): void => {
    most = megabytes(pid, 'VmHWM') ?? most;
  };
  look();
  const timer = setInterval(look, everyMs);
  manager.once('exit', () => clearInterval(timer));
  return () => most;
}

function megabytes(pid: number, field: 'VmRSS' | 'VmHWM'): number | undefined {
  const text = readStatus(pid);
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}
