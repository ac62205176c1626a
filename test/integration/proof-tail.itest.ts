import { expect, it } from 'vitest';
import { truncateSync, statSync } from 'node:fs';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { familyOf } from '../../src/sandbox/family/choose.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { until } from '../../src/sandbox/wait.js';
import type { Writer } from '../../src/sandbox/writer.js';
import { readWriterLog } from '../../src/sandbox/writer-log.js';
import { bulkRows } from './support/bulk.js';
import { cutOnItsWay } from './support/cut-transaction.js';
import { binlogsOf, rowsInBinlogs } from './support/dead-disk.js';
import { eachSetting, isMatrix } from './support/families.js';
import { whyNoLinks } from './support/lab.js';
import { expectSaved, lossesOf, onDeadDiskOnly, onStage } from './support/proof.js';
import { describeWithServers } from './support/with-cluster.js';

async function checksum(cluster: Cluster, name: string, table: string): Promise<string | null | undefined> {
  const [row] = await cluster.sql(name, `CHECKSUM TABLE ${table}`);
  return row?.['Checksum'];
}

/** Waits for one more change of the schema that went well. */
async function changedSchema(writer: Writer): Promise<void> {
  const changes = (): number => readWriterLog(writer.logFile).filter(({ e }) => e === 'ddl').length;
  const goal = changes() + 1;
  await until(() => changes() >= goal, { what: 'see the schema change', deadlineMs: 60_000, everyMs: 100 });
}

/** The newest rows are on the dead source's disk alone, and its host can be reached. */
describeWithServers('a tail on the dead disk', () => {
  eachSetting((setting) => {
    it('(a) reaches replicas that were stopped at three different points', async () => {
      await onStage({ ...setting }, async (stage) => {
        const manager = await stage.manager();
        const tail = await makeTail(stage.cluster, stage.writer, 150);
        expect(new Set(tail.held.values()).size).toBe(3);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await stage.writer.more(50);
        const judgement = await stage.judge();
        await expectSaved(judgement, await onDeadDiskOnly(stage.cluster, judgement, tail.anywhere));
        expect(judgement.run?.report).toMatchObject({ exit: 0, evidence: { code: 'source-dead-proven' } });
        expect(lossesOf(judgement.run)).toEqual([]);
      });
    });

    it('(a, control) is lost with the rescue switched off', async () => {
      await onStage({ ...setting }, async (stage) => {
        const manager = await stage.manager('--skip-save-master-binlog');
        const tail = await makeTail(stage.cluster, stage.writer, 150);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await stage.writer.more(50);
        const judgement = await stage.judge({ beyondReach: (row) => !tail.anywhere.has(row) });
        const only = await onDeadDiskOnly(stage.cluster, judgement, tail.anywhere);
        expect(judgement.proof.lost).toEqual(expect.arrayContaining([...only]));
        expect(judgement.run?.report.losses.join()).toContain('rescue was switched off');
      });
    });

    it('(c) with a torn last event comes whole up to the last whole transaction', async () => {
      await onStage({ ...setting }, async (stage) => {
        const { cluster } = stage;
        const tail = await makeTail(cluster, stage.writer, 150);
        await stage.killSource();
        const newest = binlogsOf(cluster, 'db1').at(-1) ?? '';
        const torn = (await rowsInBinlogs(cluster.family, [newest])).at(-1);
        truncateSync(newest, statSync(newest).size - 40);
        const failover = stage.product('failover', '--dead-master-host', 'db1', '--yes');
        expect((await failover.end()).code).toBe(0);
        await stage.writer.more(50);
        const judgement = await stage.judge({ beyondReach: (row) => row === torn });
        // It may have been in doubt: killed between the log's sync and the answer to the writer.
        expect(judgement.proof.lost).toEqual(judgement.onOldSource.filter((row) => row === torn));
        expect(judgement.run?.report.losses.join()).toContain('could not be used');
        const only = await onDeadDiskOnly(cluster, judgement, tail.anywhere, 'torn');
        await expectSaved(
          judgement,
          only.filter((row) => row !== torn),
        );
      });
    });

    it('(d) holds a transaction of 64 MB, with one event as large as its storage takes', async () => {
      await onStage({ ...setting, writer: { answerWithinMs: 10_000 } }, async (stage) => {
        const { cluster } = stage;
        const largest = cluster.family.largestValue;
        await cluster.sql('db1', 'CREATE DATABASE bulk; CREATE TABLE bulk.large (id INT PRIMARY KEY, body LONGBLOB)');
        const manager = await stage.manager();
        const tail = await makeTail(cluster, stage.writer, 100);
        await cluster.sql(
          'db1',
          `BEGIN; ${bulkRows('bulk.large', 1, 64 - largest)}; ${bulkRows('bulk.large', 99, 99, largest)}; COMMIT`,
        );
        const written = await checksum(cluster, 'db1', 'bulk.large');
        await stage.writer.more(50);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await stage.writer.more(50);
        const judgement = await stage.judge();
        const only = await onDeadDiskOnly(cluster, judgement, tail.anywhere);
        await expectSaved(judgement, only);
        expect(await checksum(cluster, 'db2', 'bulk.large')).toBe(written);
        const rows = judgement.proof.servers.map(({ tables }) => tables.get('`bulk`.`large`')?.rows);
        expect(rows).toEqual(rows.map(() => String(65 - largest)));
      });
    });

    it('(d) completes a transaction that was cut on its way', async ({ skip }) => {
      const why = await whyNoLinks();
      skip(why !== undefined, why);
      skip(setting.mode === 'gtid' && !isMatrix, 'its second mode belongs to the matrix');
      await onStage(setting, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        await cutOnItsWay(cluster);
        const written = await checksum(cluster, 'db1', 'bulk.cut');
        await writer.more(50);
        await stage.killSource();
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        const { proof } = await stage.judge();
        expect(proof.servers.map(({ tables }) => tables.get('`bulk`.`cut`')?.checksum)).toEqual([
          written,
          written,
          written,
        ]);
      });
    });

    it('(e) is spread over three binary log files, the last one closed by a source that was shut down', async () => {
      await onStage({ ...setting }, async (stage) => {
        const { cluster, writer } = stage;
        const tail = await makeTail(cluster, writer, 100);
        const before = binlogsOf(cluster, 'db1').length;
        for (const end of ['first', 'second']) {
          await cluster.sql('db1', `FLUSH BINARY LOGS /* ${end} */`);
          await writer.more(100);
        }
        expect(binlogsOf(cluster, 'db1').length).toBe(before + 2);
        // Its end is waited for: a manager that sees the port closed may kill it before it has closed its log.
        stage.dies();
        await cluster.killServer('db1', 'SIGTERM');
        const failover = stage.product('failover', '--dead-master-host', 'db1', '--yes');
        expect((await failover.end()).code).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        const only = await onDeadDiskOnly(cluster, judgement, tail.anywhere);
        await expectSaved(judgement, only);
        for (const file of binlogsOf(cluster, 'db1').slice(-3)) {
          const there = new Set(await rowsInBinlogs(cluster.family, [file]));
          expect(only.filter((row) => there.has(row)).length).toBeGreaterThan(0);
        }
      });
    });

    it('(f) holds DDL, statements, rows, four-byte characters and BLOBs', async () => {
      await onStage({ ...setting, writer: { mix: 'varied', ratePerWorker: 150 } }, async (stage) => {
        const manager = await stage.manager();
        const tail = await makeTail(stage.cluster, stage.writer, 100);
        await changedSchema(stage.writer);
        await stage.writer.more(50);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await changedSchema(stage.writer);
        const judgement = await stage.judge();
        // Worker 0 writes rows that the family's own program can show; the others' forms it shows in other ways.
        const only = await onDeadDiskOnly(stage.cluster, judgement, tail.anywhere);
        await expectSaved(judgement, only);
      });
    });

    it.for(['OFF', 'ON'])('(i) reaches servers with log_slave_updates %s', async (written, { skip }) => {
      const impossible = setting.mode === 'gtid' && familyOf(setting.family).gtidNeedsReplicaUpdates;
      skip(written === 'OFF' && impossible, 'without it these servers do not start with GTIDs');
      await onStage({ ...setting, logReplicaUpdates: written === 'ON' }, async (stage) => {
        const { cluster } = stage;
        for (const { name } of cluster.hosts) {
          const spellings = "IN ('log_slave_updates', 'log_replica_updates')";
          const rows = await cluster.sql(name, `SHOW GLOBAL VARIABLES WHERE Variable_name ${spellings}`);
          expect(new Set(rows.map((row) => row['Value']))).toEqual(new Set([written]));
        }
        const manager = await stage.manager();
        const tail = await makeTail(cluster, stage.writer, 150);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await stage.writer.more(50);
        const judgement = await stage.judge();
        const only = new Set(await onDeadDiskOnly(cluster, judgement, tail.anywhere));
        const [newSource = ''] = judgement.proof.writable;
        const logged = (await rowsInBinlogs(cluster.family, binlogsOf(cluster, newSource))).filter((row) =>
          only.has(row),
        );
        expect(logged.length).toBe(written === 'ON' ? only.size : 0);
      });
    });
  });
});
