import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Coordinates } from '../../model/coordinates.js';
import type { DatabaseHost } from '../cluster-host.js';
import { presentUser } from '../cluster-host.js';
import type { Cluster } from '../cluster-shape.js';
import type { SourceAddress } from '../family/family.js';
import { checkout } from '../places.js';
import { within } from '../wait.js';
import { readRescueLine, type RescueHost, type RescueLine, type RescuePlan } from './rescue-plan.js';

const deadlineMs = 300_000;

export interface RescueOrder {
  readonly from: Coordinates;
  readonly replicas: readonly string[];
  readonly via: 'tunnel' | 'listen';
  /** Where the source's sshd is reached instead of its own address. */
  readonly sshOfSource?: SourceAddress;
  /** OpenSSH words behind the usual ones. */
  readonly sshOptions?: string;
}

type Saved = Extract<RescueLine, { readonly e: 'saved' }>;

/** The recovery source at work on db1's binary log, in the manager's host. */
export interface Rescuer {
  /** Begins to fetch and to serve. Resolves with where each replica finds it. */
  start(): Promise<ReadonlyMap<string, SourceAddress>>;
  /** Resolves when all is fetched, and says how long that took. */
  saved(): Promise<Saved>;
  stop(): Promise<void>;
}

/** Starts the process and waits until its connections are open. */
export async function startRescuer(cluster: Cluster, order: RescueOrder): Promise<Rescuer> {
  const program = join(checkout, 'dist', 'sandbox', 'rescue.js');
  const child = cluster.spawnIn('manager', ['node', program], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr?.on('data', (piece: Buffer) => (complaint += String(piece)));
  child.stdin?.on('error', () => undefined);
  const ended = once(child, 'exit');
  if (child.stdout === null) throw new Error('the rescue has no output');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<RescueLine> => {
    for (;;) {
      const line = await lines.next();
      if (line.done === true) throw new Error(`the rescue ended: ${complaint}`);
      const said = readRescueLine(line.value);
      if (said.e !== 'notice') return said;
      complaint += `${said.text}\n`;
    }
  };
  const expect = async <Kind extends RescueLine['e']>(
    kind: Kind,
  ): Promise<Extract<RescueLine, { readonly e: Kind }>> => {
    const line = await within(next(), `hear "${kind}" from the rescue`, deadlineMs);
    if (!isKind(line, kind)) throw new Error(`the rescue said ${line.e} instead of ${kind}`);
    return line;
  };
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await within(ended, 'see the rescue end', 30_000);
  };
  child.stdin?.write(`${JSON.stringify(await planOf(cluster, order))}\n`);
  await expect('ready');
  return {
    start: async () => {
      child.stdin?.write('start\n');
      const places = new Map<string, SourceAddress>();
      while (places.size < order.replicas.length) {
        const { name, address, port } = await expect('serving');
        places.set(name, { address, port });
      }
      return places;
    },
    saved: async () => {
      const saved = await expect('saved');
      if (saved.defect !== undefined) throw new Error(saved.defect);
      return saved;
    },
    stop,
  };
}

function isKind<Kind extends RescueLine['e']>(
  line: RescueLine,
  kind: Kind,
): line is Extract<RescueLine, { readonly e: Kind }> {
  return line.e === kind;
}

async function planOf(cluster: Cluster, order: RescueOrder): Promise<RescuePlan> {
  const runDir = join(cluster.workdir, `rescue-${String(process.hrtime.bigint())}`);
  await mkdir(runDir);
  const keys = join(cluster.homeOf('manager'), '.ssh');
  const usual = `-i ${keys}/id_ed25519 -o UserKnownHostsFile=${keys}/known_hosts -o StrictHostKeyChecking=no`;
  const source = cluster.host('db1');
  const ssh = order.sshOfSource;
  return {
    source: { ...hostOf(source), ...(ssh && { sshAddress: ssh.address, sshPort: ssh.port }) },
    replicas: order.replicas.map((name) => hostOf(cluster.host(name))),
    user: presentUser(),
    sshOptions: [usual, order.sshOptions ?? ''].join(' ').trim(),
    runDir,
    binlogBase: join(source.server.dataFolder, 'mysql-bin'),
    from: order.from,
    ...(order.via === 'listen' ? { listen: managerAddress } : {}),
  };
}

/** The manager's own in the lab of namespaces. */
const managerAddress = '10.77.0.2';

function hostOf({ name, address, port, sshPort, serverId }: DatabaseHost): RescueHost {
  return { name, address, port, sshAddress: address, sshPort, serverId };
}
