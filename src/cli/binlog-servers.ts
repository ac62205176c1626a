import { describeError, Fault } from '../model/fault.js';
import type { Parts } from './parts.js';

/**
 * As MHA: a failover is not begun when binlog servers are configured and none of them can be reached. One that answers is
 * enough to go on; of the others it is said when they have failed.
 */
export async function mindBinlogServers({ settings, shells, say }: Parts, ignoreError: boolean): Promise<void> {
  const { binlogServers } = settings;
  if (binlogServers.length === 0) return;
  const failed: string[] = [];
  const opened = binlogServers.map(({ id }) =>
    shells
      .door(id)
      .open()
      .catch((error: unknown) => {
        const why = `${id}: ${describeError(error)}`;
        failed.push(why);
        say(`warning: binlog server not reached: ${why}`);
        throw error;
      }),
  );
  const isReached = await Promise.any(opened).then(
    () => true,
    () => false,
  );
  if (!isReached && !ignoreError) throw new Fault('BINLOG_SERVERS_UNREACHABLE', { servers: failed.join('; ') });
}
