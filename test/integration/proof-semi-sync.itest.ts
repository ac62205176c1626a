import { expect, it } from 'vitest';
import type { Cluster, ClusterOptions } from '../../src/sandbox/cluster.js';
import type { FamilyName } from '../../src/sandbox/family/family.js';
import { until } from '../../src/sandbox/wait.js';
import { describeInMatrix, needFamily } from './support/families.js';
import { lossesOf, onStage } from './support/proof.js';

/** Every server could have either role; a source waits for one replica, without end, before anybody sees a row. */
const shapes: Readonly<Record<'mariadb' | 'mysql97', Partial<ClusterOptions>>> = {
  mariadb: {
    extraOptions: [
      'rpl_semi_sync_slave_enabled=1',
      'rpl_semi_sync_master_wait_point=AFTER_SYNC',
      'rpl_semi_sync_master_timeout=4000000000',
    ],
  },
  mysql97: {
    extraOptions: [
      'plugin-load-add=semisync_source.so;semisync_replica.so',
      'rpl_semi_sync_replica_enabled=1',
      'rpl_semi_sync_source_timeout=4000000000',
    ],
  },
};

/** The source waits from here on; its replicas tell it that they acknowledge as they connect. */
async function enable(cluster: Cluster): Promise<void> {
  const [source, other] = cluster.family.words.replica === 'SLAVE' ? ['master', 'slave'] : ['source', 'replica'];
  const waitNo = `SET GLOBAL rpl_semi_sync_${source}_wait_no_${other}`;
  await cluster.sql('db1', `${waitNo}=0`);
  await cluster.sql('db1', `SET GLOBAL rpl_semi_sync_${source}_enabled=1`);
  const replicas = cluster.hosts.slice(1).map(({ name }) => name);
  for (const name of replicas) await cluster.sql(name, `STOP ${cluster.family.words.replica} IO_THREAD`);
  // A connection that its replica has left counts until the source next sends something on it.
  const none = async (): Promise<boolean> => (await clients(cluster, 'db1')) === 0;
  await until(none, { what: 'see no replica counted that has left', deadlineMs: 60_000 });
  for (const name of replicas) await cluster.sql(name, `START ${cluster.family.words.replica} IO_THREAD`);
  const all = async (): Promise<boolean> => (await clients(cluster, 'db1')) === replicas.length;
  await until(all, { what: 'see every replica acknowledge', deadlineMs: 60_000 });
  await cluster.sql('db1', `${waitNo}=1`);
  // It was off while nobody was there, and comes on once a replica has caught up with what clients write.
  const active = async (): Promise<boolean> => {
    const [row] = await cluster.sql('db1', `SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_${source}_status'`);
    return row?.['Value'] === 'ON';
  };
  await until(active, { what: 'see the source wait for its replicas', deadlineMs: 60_000 });
}

async function clients(cluster: Cluster, name: string): Promise<number> {
  const [row] = await cluster.sql(name, "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_%r%_clients'");
  return Number(row?.['Value'] ?? 0);
}

async function waits(cluster: Cluster, name: string): Promise<readonly (string | null | undefined)[]> {
  const rows = await cluster.sql(
    name,
    "SHOW GLOBAL VARIABLES WHERE Variable_name REGEXP '^rpl_semi_sync_(master|source)_(enabled|wait_no_.*)$'",
  );
  return rows.map((row) => row['Value']);
}

const families: readonly FamilyName[] = ['mariadb', 'mysql97'];

describeInMatrix('semi-synchronous replication', () => {
  it.for(families)(
    'loses nothing acknowledged though the dead host is gone, and goes on (%s)',
    async (family, context) => {
      needFamily(family, context);
      const shape = family === 'mariadb' ? shapes.mariadb : shapes.mysql97;
      await onStage({ family, mode: 'gtid', servers: 4, ...shape }, async (stage) => {
        const { cluster, writer } = stage;
        await enable(cluster);
        const manager = await stage.manager();
        await writer.more(200);
        stage.dies();
        await cluster.killHost('db1');
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        const { run } = await stage.judge();
        expect(run?.report).toMatchObject({ exit: 0 });
        expect(lossesOf(run)).toEqual([]);
        expect(manager.text()).toContain('Nothing that it acknowledged is lost');
        const [chosen = ''] = (run?.report.newSource ?? '').split(':');
        expect(await waits(cluster, chosen)).toEqual(['ON', 'ON']);
        expect(await clients(cluster, chosen)).toBe(2);
      });
    },
  );

  it('changes its roles with a switch, and waits for nobody who is not there (mariadb)', async () => {
    await onStage({ mode: 'gtid', servers: 3, ...shapes.mariadb }, async ({ cluster, writer, product }) => {
      await enable(cluster);
      await writer.more(50);
      const run = product('switch', '--yes', '--new-master', 'db2');
      expect((await run.end()).code, run.text()).toBe(0);
      await writer.more(50);
      expect(await waits(cluster, 'db2')).toEqual(['ON', 'ON']);
      expect((await waits(cluster, 'db1'))[0]).toBe('OFF');
      expect(await clients(cluster, 'db2')).toBe(2);
      await writer.stop();
    });
  });
});
