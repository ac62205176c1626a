import { describe, expect, it } from 'vitest';
import { truncateSync, statSync } from 'node:fs';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { until } from '../../src/sandbox/wait.js';
import type { Writer } from '../../src/sandbox/writer.js';
import { readWriterLog } from '../../src/sandbox/writer-log.js';
import { binlogsOf, rowsInBinlogs } from './support/dead-disk.js';
import { expectSaved, modes, onDeadDiskOnly, onStage } from './support/proof.js';
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
  describe.each(modes)('%s', (mode) => {
    it('(a) reaches replicas that were stopped at three different points', async () => {
      await onStage({ mode }, async (stage) => {
        const manager = await stage.manager();
        const tail = await makeTail(stage.cluster, stage.writer, 150);
        expect(new Set(tail.held.values()).size).toBe(3);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await stage.writer.more(50);
        const judgement = await stage.judge();
        await expectSaved(judgement, await onDeadDiskOnly(stage.cluster, judgement, tail.anywhere));
        expect(judgement.run?.report).toMatchObject({ exit: 0, losses: [], evidence: { code: 'source-dead-proven' } });
      });
    });

    it('(a, control) is lost with the rescue switched off', async () => {
      await onStage({ mode }, async (stage) => {
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
      await onStage({ mode }, async (stage) => {
        const { cluster } = stage;
        const tail = await makeTail(cluster, stage.writer, 150);
        await stage.killSource();
        const newest = binlogsOf(cluster, 'db1').at(-1) ?? '';
        const torn = (await rowsInBinlogs([newest])).at(-1);
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

    it('(d) holds a transaction of 64 MB, half of it one event', async () => {
      await onStage({ mode, writer: { answerWithinMs: 10_000 } }, async (stage) => {
        const { cluster } = stage;
        await cluster.sql('db1', 'CREATE DATABASE bulk; CREATE TABLE bulk.large (id INT PRIMARY KEY, body LONGBLOB)');
        const manager = await stage.manager();
        const tail = await makeTail(cluster, stage.writer, 100);
        await cluster.sql(
          'db1',
          `BEGIN; INSERT INTO bulk.large SELECT seq, REPEAT(MD5(RAND()), 32768) FROM app.seq_1_to_32;
           INSERT INTO bulk.large VALUES (99, REPEAT(MD5(RAND()), 1048576)); COMMIT`,
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
        expect(judgement.proof.servers.map(({ tables }) => tables.get('`bulk`.`large`')?.rows)).toEqual([
          '33',
          '33',
          '33',
        ]);
      });
    });

    it('(e) is spread over three binary log files', async () => {
      await onStage({ mode }, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        const tail = await makeTail(cluster, writer, 100);
        const before = binlogsOf(cluster, 'db1').length;
        for (const end of ['first', 'second']) {
          await cluster.sql('db1', `FLUSH BINARY LOGS /* ${end} */`);
          await writer.more(100);
        }
        expect(binlogsOf(cluster, 'db1').length).toBe(before + 2);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        const only = await onDeadDiskOnly(cluster, judgement, tail.anywhere);
        await expectSaved(judgement, only);
        for (const file of binlogsOf(cluster, 'db1').slice(-3)) {
          const there = new Set(await rowsInBinlogs([file]));
          expect(only.filter((row) => there.has(row)).length).toBeGreaterThan(0);
        }
      });
    });

    it('(f) holds DDL, statements, rows, four-byte characters and BLOBs', async () => {
      await onStage({ mode, writer: { mix: 'varied', ratePerWorker: 150 } }, async (stage) => {
        const manager = await stage.manager();
        const tail = await makeTail(stage.cluster, stage.writer, 100);
        await changedSchema(stage.writer);
        await stage.writer.more(50);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await changedSchema(stage.writer);
        const judgement = await stage.judge();
        // Worker 0 writes rows that MariaDB's own program can show; the others' forms it shows in other ways.
        const only = await onDeadDiskOnly(stage.cluster, judgement, tail.anywhere);
        await expectSaved(judgement, only);
      });
    });

    it.each(['off', 'on'])('(i) reaches servers with log_slave_updates %s', async (setting) => {
      await onStage({ mode, logReplicaUpdates: setting === 'on' }, async (stage) => {
        const { cluster } = stage;
        for (const { name } of cluster.hosts) {
          const [row] = await cluster.sql(name, 'SELECT @@log_slave_updates AS written');
          expect(row?.['written']).toBe(setting === 'on' ? '1' : '0');
        }
        const manager = await stage.manager();
        const tail = await makeTail(cluster, stage.writer, 150);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await stage.writer.more(50);
        const judgement = await stage.judge();
        const only = new Set(await onDeadDiskOnly(cluster, judgement, tail.anywhere));
        const [newSource = ''] = judgement.proof.writable;
        const logged = (await rowsInBinlogs(binlogsOf(cluster, newSource))).filter((row) => only.has(row));
        expect(logged.length).toBe(setting === 'on' ? only.size : 0);
      });
    });
  });
});
