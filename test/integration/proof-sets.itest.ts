import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { drained } from '../../src/sandbox/drained.js';
import { stopReceiver } from '../../src/sandbox/replica-verbs.js';
import type { FamilyName } from '../../src/sandbox/family/family.js';
import { writtenRows } from '../../src/sandbox/proof-reader.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { replicationRuns } from '../../src/sandbox/replication.js';
import { until } from '../../src/sandbox/wait.js';
import { describeInMatrix, isMatrix, needFamily } from './support/families.js';
import { runSwitch } from './support/switch.js';
import { followedBy } from './support/tiers.js';
import { withCluster } from './support/with-cluster.js';
import { expectSaved, lossesOf, onDeadDiskOnly, onStage, type Stage } from './support/proof.js';

/**
 * A replica by GTID that was killed and could not connect since: its status names a place from long ago, or none, and only
 * its GTIDs say what it has.
 */
async function restartApart({ cluster, writer }: Stage, names: readonly string[]): Promise<void> {
  const { words, name: family } = cluster.family;
  await cluster.sql('db1', 'FLUSH BINARY LOGS');
  await writer.more(100);
  if (family === 'mysql97') for (const name of names) await keepNoCoordinates(cluster, name);
  await writer.more(50);
  for (const name of names) await cluster.cut('db1', name);
  for (const name of names) {
    await cluster.killServer(name);
    await cluster.startServer(name);
    await cluster.sql(name, words.close);
    if (family === 'mysql56' || (family === 'mysql97' && name === 'db3')) await forgetCoordinates(cluster, name);
    await drained(cluster, name);
    const status = await readReplicaStatus(cluster.host(name).server);
    expect(status?.receiver).toBe('Connecting');
    expect(status?.row['Master_Server_Id'] ?? status?.row['Source_Server_Id']).toBe('0');
  }
  await writer.more(100);
  await cluster.sql('db1', 'FLUSH BINARY LOGS');
  await writer.more(100);
}

/** A replica by auto-position that was pointed anywhere knows no place until it has been connected. */
async function forgetCoordinates(cluster: Cluster, name: string): Promise<void> {
  const { replica } = cluster.family.words;
  const change = replica === 'SLAVE' ? 'CHANGE MASTER TO MASTER_HOST' : 'CHANGE REPLICATION SOURCE TO SOURCE_HOST';
  // 5.6 takes connections before its threads have begun: a STOP that came sooner would stop nothing.
  const haveBegun = async (): Promise<boolean> => {
    const status = await readReplicaStatus(cluster.host(name).server);
    return status !== undefined && status.receiver !== 'No' && status.applier === 'Yes';
  };
  await until(haveBegun, { what: `see the threads of ${name} begin`, deadlineMs: 30_000 });
  await cluster.sql(name, `STOP ${replica}`);
  await cluster.sql(name, `${change}='${cluster.host('db1').address}'`);
  await cluster.sql(name, `START ${replica}`);
}

/** MySQL 8.0.27 and later. */
async function keepNoCoordinates(cluster: Cluster, name: string): Promise<void> {
  await cluster.sql(name, 'STOP REPLICA');
  await cluster.sql(name, 'CHANGE REPLICATION SOURCE TO REQUIRE_ROW_FORMAT=1, GTID_ONLY=1');
  await cluster.sql(name, 'START REPLICA');
}

async function received(cluster: Cluster, name: string, rows: number): Promise<void> {
  const there = async (): Promise<boolean> => (await writtenRows(cluster, name)).size >= rows;
  await until(there, { what: `see ${name} apply ${String(rows)} rows`, deadlineMs: 60_000 });
}

const families: readonly FamilyName[] = isMatrix ? ['mariadb', 'mysql97', 'mysql56'] : ['mariadb', 'mysql97'];
const options = { mode: 'gtid', confPerServer: { db2: { candidate_master: 1, check_repl_delay: 0 } } } as const;

describeInMatrix('replicas by GTID that do not know their coordinates', () => {
  it.for(families)(
    'are levelled by their sets from the dead disk, each transaction once (%s)',
    async (family, context) => {
      needFamily(family, context);
      await onStage({ family, ...options }, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        await restartApart(stage, ['db2', 'db3']);
        await stopReceiver(cluster, 'db4');
        await drained(cluster, 'db4');
        const held = new Set((await writtenRows(cluster, 'db4')).keys());
        await writer.more(100);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        expect(judgement.run?.report).toMatchObject({ exit: 0, newSource: 'db2:3306' });
        expect(lossesOf(judgement.run)).toEqual([]);
        await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, held));
      });
    },
  );

  it.for(families)(
    'are levelled by their sets from the newest relay log, the dead disk gone (%s)',
    async (family, context) => {
      needFamily(family, context);
      await onStage({ family, ...options }, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        await cluster.sql('db4', 'SET GLOBAL relay_log_purge=0');
        await restartApart(stage, ['db2', 'db3']);
        const rows = (await writtenRows(cluster, 'db1')).size;
        await received(cluster, 'db4', rows);
        await stopReceiver(cluster, 'db4');
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
    },
  );

  it.for(['mysql97', 'mysql56'] as const)(
    'change places in a switch on an idle source (%s)',
    async (family, context) => {
      needFamily(family, context);
      await withCluster({ family, mode: 'gtid', servers: 3 }, async (cluster) => {
        await cluster.sql('db1', 'CREATE TABLE app.t (id INT PRIMARY KEY); INSERT INTO app.t VALUES (1)');
        for (const name of ['db2', 'db3']) {
          await drained(cluster, name);
          if (family === 'mysql97') await keepNoCoordinates(cluster, name);
          await cluster.killServer(name);
          await cluster.startServer(name);
          await cluster.sql(name, cluster.family.words.close);
          if (family === 'mysql56') await forgetCoordinates(cluster, name);
          await replicationRuns(cluster.host(name).server, name);
          // 5.6 learns its place again with the first heartbeat, which may have come already.
          if (family === 'mysql97')
            expect((await readReplicaStatus(cluster.host(name).server))?.executed).not.toMatch(/^mysql-bin/);
        }
        const run = await runSwitch(cluster, '--new-master', 'db2', '--yes');
        expect(run.code, run.stderr).toBe(0);
        for (const name of ['db1', 'db3']) {
          expect(await followedBy(cluster, name)).toBe('db2');
          expect(await cluster.sql(name, 'SELECT id FROM app.t')).toEqual([{ id: '1' }]);
        }
      });
    },
  );
});
