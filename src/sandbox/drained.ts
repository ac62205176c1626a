import type { Cluster } from './cluster-shape.js';
import { readReplicaStatus } from './replica-status.js';
import { until } from './wait.js';

/**
 * Waits until a replica has executed all it has received. Its receiver should be stopped, or it never ends. A receiver may
 * have stopped inside a transaction; then the applier says that it has read all there is, and with several of them each
 * waits for more.
 */
export async function drained(cluster: Cluster, name: string, deadlineMs = 30_000): Promise<void> {
  const { server } = cluster.host(name);
  const { countBusyAppliers } = server.family.words;
  let before = '';
  await until(
    async () => {
      const status = await readReplicaStatus(server);
      if (status === undefined) return false;
      if (status.received === status.executed) return true;
      const [busy] = countBusyAppliers === undefined ? [] : await server.sql(countBusyAppliers);
      const starved =
        /^(Slave|Replica) has read all relay log/.test(status.applierState) && (busy?.['busy'] ?? '0') === '0';
      // An applier that was just given its work may still show that it waits: it must show the same twice.
      const rests = starved && status.executed === before;
      before = starved ? status.executed : '';
      return rests;
    },
    { what: `drain ${name}`, deadlineMs },
  );
}
