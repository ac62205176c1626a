import { expect, it } from 'vitest';
import type { ClusterOptions } from '../../src/sandbox/cluster.js';
import type { FamilyName } from '../../src/sandbox/family/family.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { until } from '../../src/sandbox/wait.js';
import { describeInMatrix, isMatrix, needFamily } from './support/families.js';
import { onStage } from './support/proof.js';

const free = ['replica_parallel_workers=4', 'replica_preserve_commit_order=0'];

const shapes: readonly (readonly [FamilyName, 'coordinates' | 'gtid', Partial<ClusterOptions>])[] = [
  ['mysql97', 'coordinates', { extraOptions: free }],
  ['mysql97', 'gtid', { extraOptions: free }],
  ['mariadb', 'gtid', { extraOptions: ['slave_parallel_threads=4', 'slave_parallel_mode=optimistic'] }],
  ['mariadb', 'coordinates', { extraOptions: ['slave_parallel_threads=4', 'slave_parallel_mode=conservative'] }],
];

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
        expect(judgement.run?.report).toMatchObject({ exit: 0, losses: [] });
        const held = await Promise.all(['db2', 'db3'].map((name) => cluster.sql(name, 'SELECT id FROM app.held')));
        expect(held.map((rows) => rows.length)).toEqual([1, 1]);
      });
    },
  );
});
