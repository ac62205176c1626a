import type { Cluster } from './cluster-shape.js';
import { until } from './wait.js';

/**
 * Waits until a replica has executed all it has received. Its receiver should be stopped, or it never ends. A receiver may
 * have stopped inside a transaction; then the applier says that it has read all there is.
 */
export async function drained(cluster: Cluster, name: string, deadlineMs = 30_000): Promise<void> {
  await until(
    async () => {
      const [status] = await cluster.sql(name, 'SHOW SLAVE STATUS');
      if (status === undefined) return false;
      const level =
        status['Master_Log_File'] === status['Relay_Master_Log_File'] &&
        status['Read_Master_Log_Pos'] === status['Exec_Master_Log_Pos'];
      return level || (status['Slave_SQL_Running_State'] ?? '').startsWith('Slave has read all relay log');
    },
    { what: `drain ${name}`, deadlineMs },
  );
}

/** Stops a replica's receiver: from now on the tail is on the source's disk only. */
export async function stopReceiver(cluster: Cluster, name: string): Promise<void> {
  await cluster.sql(name, 'STOP SLAVE IO_THREAD');
}
