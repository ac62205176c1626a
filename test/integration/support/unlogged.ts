import type { Cluster } from '../../../src/sandbox/cluster.js';

/**
 * Changes one server behind replication's back: nothing of it reaches a binary log. Where super_read_only closes a server
 * even to us it is lifted for that moment; read_only still keeps clients out.
 */
export async function unlogged(cluster: Cluster, name: string, text: string): Promise<void> {
  const [strict] = await cluster.sql(name, "SHOW GLOBAL VARIABLES LIKE 'super_read_only'");
  const closed = strict?.['Value'] === 'ON';
  if (closed) await cluster.sql(name, 'SET GLOBAL super_read_only=0');
  await cluster.sql(name, `SET SESSION sql_log_bin=0; ${text}; SET SESSION sql_log_bin=1`);
  if (closed) await cluster.sql(name, 'SET GLOBAL super_read_only=1');
}
