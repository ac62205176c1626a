import { describeError, Fault } from '../model/fault.js';
import type { Parts } from './parts.js';

/** As MHA: a failover is not begun when binlog servers are configured and none of them can be reached. */
export async function mindBinlogServers({ settings, shells, say }: Parts, ignoreError: boolean): Promise<void> {
  const { binlogServers } = settings;
  const tries = await Promise.all(
    binlogServers.map(({ id }) =>
      shells
        .door(id)
        .open()
        .then(
          () => undefined,
          (error: unknown) => `${id}: ${describeError(error)}`,
        ),
    ),
  );
  const failed = tries.filter((why) => why !== undefined);
  if (failed.length === 0) return;
  const servers = failed.join('; ');
  if (failed.length < binlogServers.length || ignoreError) say(`warning: binlog server not reached: ${servers}`);
  else throw new Fault('BINLOG_SERVERS_UNREACHABLE', { servers });
}
