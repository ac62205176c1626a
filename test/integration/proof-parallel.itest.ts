import { expect, it } from 'vitest';
import type { Cluster, ClusterOptions } from '../../src/sandbox/cluster.js';
import type { FamilyName } from '../../src/sandbox/family/family.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { until } from '../../src/sandbox/wait.js';
import { describeInMatrix, isMatrix, modes, needFamily } from './support/families.js';
import { doneAt, journalOf } from './support/journal.js';
import { expectSaved, lossesOf, onDeadDiskOnly, onStage } from './support/proof.js';
import { describeWithServers } from './support/with-cluster.js';

const free = ['replica_parallel_workers=4', 'replica_preserve_commit_order=0'];

const shapes: readonly (readonly [FamilyName, 'coordinates' | 'gtid', Partial<ClusterOptions>])[] = [
  ['mysql97', 'coordinates', { extraOptions: free }],
  ['mysql97', 'gtid', { extraOptions: free }],
  ['mariadb', 'gtid', { extraOptions: ['slave_parallel_threads=4', 'slave_parallel_mode=optimistic'] }],
  ['mariadb', 'coordinates', { extraOptions: ['slave_parallel_threads=4', 'slave_parallel_mode=conservative'] }],
];

/** Number and mode, of each replica. */
async function applyingOn(cluster: Cluster): Promise<readonly string[]> {
  const names = ['db2', 'db3'];
  const rows = await Promise.all(
    names.map((name) =>
      cluster.sql(name, 'SELECT CONCAT(@@slave_parallel_threads, @@slave_parallel_mode) AS applying'),
    ),
  );
  return rows.map(([row]) => String(row?.['applying']));
}

describeWithServers('a long tail on the dead disk', () => {
  it.for(isMatrix ? modes : modes.slice(0, 1))(
    'is applied by several appliers of MariaDB, and then each replica applies as before (%s)',
    async (mode, context) => {
      needFamily('mariadb', context);
      const writer = { rowBytes: 16 * 1024 };
      await onStage({ family: 'mariadb', mode, servers: 3, writer }, async (stage) => {
        const { cluster } = stage;
        const before = await applyingOn(cluster);
        expect(before).toEqual(['0optimistic', '0optimistic']);
        const manager = await stage.manager();
        const tail = await makeTail(cluster, stage.writer, 300);
        await stage.killSource();
        expect((await manager.end()).code, manager.text()).toBe(0);
        await stage.writer.more(50);
        const judgement = await stage.judge();
        await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, tail.anywhere));
        const journal = journalOf(judgement.run?.path ?? '');
        for (const address of cluster.hosts.slice(1).map((host) => `${host.name}:3306`)) {
          const raisedAt = doneAt(journal, `raise-appliers:${address}`);
          expect(raisedAt, JSON.stringify(journal)).toBeGreaterThan(-1);
          expect(doneAt(journal, `point-to-recovery:${address}`)).toBeGreaterThan(raisedAt);
          expect(doneAt(journal, `restore-appliers:${address}`)).toBeGreaterThan(raisedAt);
        }
        expect(await applyingOn(cluster)).toEqual(before);
      });
    },
  );
});

describeInMatrix('parallel appliers', () => {
  it.for(shapes.filter(([, mode]) => isMatrix || mode === 'coordinates'))(
    'have their gaps filled before anybody goes on, each transaction once (%s, %s)',
    async ([family, mode, options], context) => {
      needFamily(family, context);
      await onStage({ family, mode, servers: 3, ...options }, async (stage) => {
        const { cluster, writer } = stage;
        await cluster.sql('db1', 'CREATE TABLE app.held (id INT PRIMARY KEY)');
        const manager = await stage.manager();
        await writer.more(50);
        // A lock of somebody who only reads holds one applier up while the others go on.
        const door = await cluster.host('db2').server.openDoor();
        await door.query('START TRANSACTION');
        await door.query('SELECT id FROM app.held WHERE id=1 LOCK IN SHARE MODE');
        await cluster.sql('db1', 'INSERT INTO app.held VALUES (1)');
        await writer.more(100);
        const isBehind = async (): Promise<boolean> => {
          const status = await readReplicaStatus(cluster.host('db2').server);
          return status !== undefined && status.executed !== status.received;
        };
        await cluster.sql('db2', `STOP ${cluster.family.words.replica} IO_THREAD`);
        await until(isBehind, { what: 'see an applier held up', deadlineMs: 30_000 });
        await stage.killSource();
        await manager.says('applying its relay log', 60_000);
        await door.query('ROLLBACK');
        door.close();
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        expect(judgement.run?.report).toMatchObject({ exit: 0 });
        expect(lossesOf(judgement.run)).toEqual([]);
        const held = await Promise.all(['db2', 'db3'].map((name) => cluster.sql(name, 'SELECT id FROM app.held')));
        expect(held.map((rows) => rows.length)).toEqual([1, 1]);
      });
    },
  );
});
