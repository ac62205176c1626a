import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { drained } from '../../src/sandbox/drained.js';
import { writtenRows } from '../../src/sandbox/proof-reader.js';
import { until } from '../../src/sandbox/wait.js';
import { expectSaved, onDeadDiskOnly, onStage, type Stage } from './support/proof.js';
import { describeWithServers } from './support/with-cluster.js';

/**
 * A replica by GTID that was killed and could not connect since: its status names a place from long ago, and only its
 * GTIDs say what it has.
 */
async function restartApart({ cluster, writer }: Stage, names: readonly string[]): Promise<void> {
  await cluster.sql('db1', 'FLUSH BINARY LOGS');
  await writer.more(100);
  for (const name of names) await cluster.cut('db1', name);
  for (const name of names) {
    await cluster.killServer(name);
    await cluster.startServer(name);
    await cluster.sql(name, 'SET GLOBAL read_only=1');
    await drained(cluster, name);
    const [row] = await cluster.sql(name, 'SHOW SLAVE STATUS');
    expect(row).toMatchObject({ Slave_IO_Running: 'Connecting', Master_Server_Id: '0' });
  }
  await writer.more(100);
  await cluster.sql('db1', 'FLUSH BINARY LOGS');
  await writer.more(100);
}

async function received(cluster: Cluster, name: string, rows: number): Promise<void> {
  const there = async (): Promise<boolean> => (await writtenRows(cluster, name)).size >= rows;
  await until(there, { what: `see ${name} apply ${String(rows)} rows`, deadlineMs: 60_000 });
}

describeWithServers('replicas by GTID that do not know their coordinates', () => {
  it('are levelled by their sets from the dead disk, each transaction once', async () => {
    await onStage({ mode: 'gtid', confPerServer: { db2: { candidate_master: 1 } } }, async (stage) => {
      const { cluster, writer } = stage;
      const manager = await stage.manager();
      await restartApart(stage, ['db2', 'db3']);
      await cluster.sql('db4', 'STOP SLAVE IO_THREAD');
      await drained(cluster, 'db4');
      const held = new Set((await writtenRows(cluster, 'db4')).keys());
      await writer.more(100);
      await stage.killSource();
      expect((await manager.end()).code).toBe(0);
      await writer.more(50);
      const judgement = await stage.judge();
      expect(judgement.run?.report).toMatchObject({ exit: 0, newSource: 'db2:3306', losses: [] });
      await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, held));
    });
  });

  it('are levelled by their sets from the newest relay log, where the dead disk is gone', async () => {
    await onStage({ mode: 'gtid', confPerServer: { db2: { candidate_master: 1 } } }, async (stage) => {
      const { cluster, writer } = stage;
      const manager = await stage.manager();
      await cluster.sql('db4', 'SET GLOBAL relay_log_purge=0');
      await restartApart(stage, ['db2', 'db3']);
      const rows = (await writtenRows(cluster, 'db1')).size;
      await received(cluster, 'db4', rows);
      await cluster.sql('db4', 'STOP SLAVE IO_THREAD');
      await drained(cluster, 'db4');
      const held = new Set((await writtenRows(cluster, 'db4')).keys());
      await writer.more(50);
      stage.dies();
      await cluster.killHost('db1');
      expect((await manager.end()).code).toBe(0);
      await writer.more(50);
      const judgement = await stage.judge({ beyondReach: (row) => !held.has(row) });
      expect(judgement.run?.report).toMatchObject({ exit: 0, newSource: 'db2:3306' });
      expect(judgement.run?.report.rescued.map(({ kind }) => kind)).toContain('relay');
    });
  });
});
