import { expect, it } from 'vitest';
import type { Cluster, ClusterOptions } from '../../src/sandbox/cluster.js';
import { stopReceiver } from '../../src/sandbox/replica-verbs.js';
import type { FamilyName } from '../../src/sandbox/family/family.js';
import { writtenRows } from '../../src/sandbox/proof-reader.js';
import { readReplicaStatus, type ReplicaStatus } from '../../src/sandbox/replica-status.js';
import { until } from '../../src/sandbox/wait.js';
import { describeInMatrix, isMatrix, needFamily } from './support/families.js';
import { lossesOf, onStage } from './support/proof.js';

/** Nobody waits so long in a test; what is left alone must come to its end by itself. */
const forever = 3600;
const soon = 25;

async function status(cluster: Cluster, name: string): Promise<ReplicaStatus> {
  const found = await readReplicaStatus(cluster.host(name).server);
  if (found === undefined) throw new Error(`${name} replicates nothing`);
  return found;
}

async function setDelay(cluster: Cluster, name: string, seconds: number): Promise<void> {
  const { replica } = cluster.family.words;
  const change = replica === 'SLAVE' ? 'CHANGE MASTER TO MASTER_DELAY' : 'CHANGE REPLICATION SOURCE TO SOURCE_DELAY';
  // MySQL from 5.7 on keeps its relay log when the receiver is left alone.
  const thread = cluster.family.name === 'mysql97' ? ' SQL_THREAD' : '';
  await cluster.sql(name, `STOP ${replica}${thread}`);
  await cluster.sql(name, `${change}=${String(seconds)}`);
  await cluster.sql(name, `START ${replica}${thread}`);
}

const followed: readonly (readonly [FamilyName, 'coordinates' | 'gtid', Partial<ClusterOptions>])[] = [
  ['mysql97', 'coordinates', {}],
  ['mysql97', 'gtid', {}],
  ['mysql56', 'gtid', { logReplicaUpdates: true }],
  ['mariadb', 'gtid', { logReplicaUpdates: true }],
];

describeInMatrix('a replica that applies late on purpose', () => {
  it.for(followed.filter(([family, mode]) => isMatrix || (family !== 'mysql56' && mode === 'gtid')))(
    'follows the new source as late as before, and nobody waits for it (%s, %s)',
    async ([family, mode, options], context) => {
      needFamily(family, context);
      await onStage({ family, mode, servers: 4, ...options }, async (stage) => {
        const { cluster, writer } = stage;
        await writer.more(100);
        await setDelay(cluster, 'db3', forever);
        const manager = await stage.manager();
        await writer.more(100);
        for (const name of ['db3', 'db2', 'db4']) {
          await stopReceiver(cluster, name);
          await writer.more(50);
        }
        const applied = (await writtenRows(cluster, 'db3')).size;
        await stage.killSource();
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        expect((await writtenRows(cluster, 'db3')).size).toBe(applied);
        expect((await status(cluster, 'db3')).row['SQL_Delay']).toBe(String(forever));
        await setDelay(cluster, 'db3', 0);
        const judgement = await stage.judge();
        expect(judgement.run?.report).toMatchObject({ exit: 0 });
        expect(lossesOf(judgement.run)).toEqual([]);
        expect(judgement.run?.report.servers.find(({ server }) => server === 'db3:3306')?.role).toBe('recovered');
      });
    },
  );

  it('is left with its relay log where it could only be pointed elsewhere without it (mariadb, coordinates)', async () => {
    await onStage({ mode: 'coordinates', servers: 4 }, async (stage) => {
      const { cluster, writer } = stage;
      await setDelay(cluster, 'db3', soon);
      const manager = await stage.manager();
      await writer.more(100);
      await stopReceiver(cluster, 'db2');
      await writer.more(50);
      const held = [...(await writtenRows(cluster, 'db1')).keys()];
      const [end] = await cluster.sql('db1', 'SHOW MASTER STATUS');
      const hasReceived = async (): Promise<boolean> => {
        const { row } = await status(cluster, 'db3');
        return Number(row['Read_Master_Log_Pos']) >= Number(end?.['Position']);
      };
      await until(hasReceived, { what: 'see db3 receive it', deadlineMs: 30_000 });
      await stage.killSource();
      expect((await manager.end()).code).toBe(10);
      await writer.more(50);
      const left = await status(cluster, 'db3');
      expect(left.row).toMatchObject({ Master_Host: cluster.host('db1').address, SQL_Delay: String(soon) });
      expect(left.executed).not.toBe(left.received);
      const judgement = await stage.judge({ servers: ['db2', 'db4'] });
      const told = judgement.run?.report.servers.find(({ server }) => server === 'db3:3306');
      expect(told?.role).toBe('behind');
      expect(told?.why).toContain('left as it is');
      // What the report says to do lets it follow. What only the dead disk held it has never received.
      const [, file = '', position = ''] = /point it to \S+ at ([^:]+):(\d+)/.exec(told?.next ?? '') ?? [];
      const finished = async (): Promise<boolean> => {
        const now = await status(cluster, 'db3');
        return now.executed === now.received;
      };
      await until(finished, { what: 'see db3 apply its relay log', deadlineMs: 90_000 });
      const [chosen] = (judgement.run?.report.newSource ?? '').split(':');
      await cluster.sql(
        'db3',
        `STOP SLAVE; CHANGE MASTER TO MASTER_HOST='${cluster.host(chosen ?? '').address}', MASTER_LOG_FILE='${file}',
         MASTER_LOG_POS=${position}, MASTER_DELAY=0; START SLAVE`,
      );
      const [last] = await cluster.sql(chosen ?? '', 'SHOW MASTER STATUS');
      const follows = async (): Promise<boolean> =>
        (await status(cluster, 'db3')).executed === `${last?.['File'] ?? ''}:${last?.['Position'] ?? ''}`;
      await until(follows, { what: 'see db3 follow', deadlineMs: 60_000 });
      const rows = await writtenRows(cluster, 'db3');
      expect(held.filter((row) => rows.get(row) !== 1)).toEqual([]);
    });
  });

  it('is named in the plan of a switch and does not hold it up (mariadb, coordinates)', async () => {
    await onStage({ mode: 'coordinates', servers: 3 }, async ({ cluster, writer, product }) => {
      await setDelay(cluster, 'db3', forever);
      await writer.more(50);
      const run = product('switch', '--yes', '--new-master', 'db2');
      expect((await run.end()).code).toBe(10);
      expect(run.text()).toContain('left as it is');
      await writer.stop();
    });
  });
});
