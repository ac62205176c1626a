import type { Cluster } from './cluster-shape.js';
import { drained } from './drained.js';
import { stopReceiver } from './replica-verbs.js';
import { type RowId, writtenRows } from './proof-reader.js';
import type { Writer } from './writer.js';

/** What the replicas hold when their receivers have stopped: everything else is on the source's disk only. */
export interface TailShape {
  /** Rows by replica. */
  readonly held: ReadonlyMap<string, number>;
  /** Rows that at least one replica holds. */
  readonly anywhere: ReadonlySet<RowId>;
}

/**
 * Stops the replicas' receivers one after another, the writer going on between and behind, so that every replica stands
 * at a place of its own and the newest rows exist on the source's disk alone.
 */
export async function makeTail(cluster: Cluster, writer: Writer, rowsBetween: number): Promise<TailShape> {
  const replicas = cluster.hosts.slice(1).map((host) => host.name);
  for (const name of replicas) {
    await stopReceiver(cluster, name);
    await writer.more(rowsBetween);
  }
  const held = new Map<string, number>();
  const anywhere = new Set<RowId>();
  for (const name of replicas) {
    await drained(cluster, name);
    const rows = await writtenRows(cluster, name);
    held.set(name, rows.size);
    for (const id of rows.keys()) anywhere.add(id);
  }
  return { held, anywhere };
}
