import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import type { FamilyName } from '../../src/sandbox/family/family.js';
import { until } from '../../src/sandbox/wait.js';
import { describeInMatrix, needFamily } from './support/families.js';
import { lossesOf, onStage } from './support/proof.js';

/** A transaction of the replica's own; its table is gone again, so that the data stays what the source's is. */
async function write(cluster: Cluster, name: string): Promise<void> {
  const open = cluster.family.name === 'mariadb' ? 'read_only' : 'super_read_only';
  await cluster.sql(name, `SET GLOBAL ${open}=0`);
  await cluster.sql(name, 'CREATE DATABASE errant');
  await cluster.sql(name, 'DROP DATABASE errant');
  await cluster.sql(name, `SET GLOBAL ${open}=1`);
}

/** Its binary log begins anew: what was in it before is purged. */
async function purge(cluster: Cluster, name: string): Promise<void> {
  await cluster.sql(name, 'FLUSH BINARY LOGS');
  // MariaDB leaves, without a word, a file that a crash would still need (until the new one has its checkpoint event).
  const isPurged = async (): Promise<boolean> => {
    const logs = await cluster.sql(name, 'SHOW BINARY LOGS');
    await cluster.sql(name, `PURGE BINARY LOGS TO '${logs.at(-1)?.['Log_name'] ?? ''}'`);
    return logs.length === 1;
  };
  await until(isPurged, { what: `see the binary log of ${name} begin anew`, deadlineMs: 30_000 });
}

const families: readonly FamilyName[] = ['mariadb', 'mysql97'];

describeInMatrix('errant transactions', () => {
  it.for(families)(
    'are named, and a clean replica leads though it is not the candidate (%s)',
    async (family, context) => {
      needFamily(family, context);
      const conf = { confPerServer: { db2: { candidate_master: 1 }, db3: { candidate_master: 1 } } };
      await onStage({ family, mode: 'gtid', servers: 4, logReplicaUpdates: true, ...conf }, async (stage) => {
        const { cluster, writer, product } = stage;
        await writer.more(50);
        await write(cluster, 'db2');
        await write(cluster, 'db3');
        await purge(cluster, 'db3');
        await writer.more(50);
        const check = product('check-repl');
        expect((await check.end()).code, check.text()).toBe(0);
        const lines = check.text().split('\n');
        const said = (name: string): string =>
          lines.find((line) => line.includes(`${name}:3306 has transactions`)) ?? '';
        expect(said('db2')).toContain('still in its binary log');
        expect(said('db3')).toContain('purged from its binary log');
        const [own] = await cluster.sql(
          'db2',
          family === 'mariadb' ? 'SELECT @@server_id AS id' : 'SELECT @@server_uuid AS id',
        );
        expect(said('db2')).toContain(`${own?.['id'] ?? '?'}${family === 'mariadb' ? '-' : ':1-2'}`);
        const manager = await stage.manager();
        await writer.more(50);
        await stage.killSource();
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        const { run } = await stage.judge();
        expect(run?.report).toMatchObject({ newSource: 'db4:3306' });
        expect(lossesOf(run)).toEqual([]);
      });
    },
  );

  it.for(families)('do not keep the best replica from leading where all have some (%s)', async (family, context) => {
    needFamily(family, context);
    await onStage({ family, mode: 'gtid', servers: 3, logReplicaUpdates: true }, async (stage) => {
      const { cluster, writer } = stage;
      await write(cluster, 'db2');
      await write(cluster, 'db3');
      await purge(cluster, 'db2');
      const manager = await stage.manager();
      await writer.more(50);
      await stage.killSource();
      expect((await manager.end()).code, manager.text()).toBe(0);
      await writer.more(50);
      const { run } = await stage.judge();
      expect(run?.report).toMatchObject({ newSource: 'db3:3306' });
      expect(lossesOf(run)).toEqual([]);
    });
  });
});
