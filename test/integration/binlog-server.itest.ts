import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type RowId, writtenRows } from '../../src/sandbox/proof-reader.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { stopApplier, stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { until } from '../../src/sandbox/wait.js';
import { expectCopies, streamBinlogs } from './support/binlog-stream.js';
import { binlogsOf } from './support/dead-disk.js';
import { isMatrix, someSettings } from './support/families.js';
import type { ProductRun } from './support/product.js';
import { expectSaved, type Judgement, lossesOf, onDeadDiskOnly, onStage, type Stage } from './support/proof.js';
import { describeWithServers } from './support/with-cluster.js';

/** From now on nobody can write on db1: its log stands still. */
async function quiet({ cluster }: Stage): Promise<void> {
  await cluster.sql('db1', cluster.family.words.close);
}

async function rowsOf({ cluster }: Stage, name: string): Promise<ReadonlySet<RowId>> {
  return new Set((await writtenRows(cluster, name)).keys());
}

/** The copies that something was rescued from, each once. */
function copiesUsed({ run }: Judgement): readonly string[] {
  return [...new Set((run?.report.rescued ?? []).flatMap(({ copy }) => copy ?? []))];
}

function reportText({ run }: Judgement): string {
  return readFileSync(join(run?.path ?? '', 'report.txt'), 'utf8');
}

describeWithServers('a binlog server', () => {
  someSettings((setting) => {
    it('gives what only it holds when the source and its host are gone', async ({ skip }) => {
      skip(setting.mode === 'gtid' && !isMatrix, 'its second mode belongs to the matrix');
      await onStage({ ...setting, copyHosts: 1 }, async (stage) => {
        const { cluster, writer } = stage;
        const stream = await streamBinlogs(cluster, 'binlog1');
        const manager = setting.mode === 'coordinates' ? await stage.manager() : undefined;
        const tail = await makeTail(cluster, writer, 100);
        await quiet(stage);
        await stream.received();
        expectCopies(cluster, 'binlog1');
        const rows = await rowsOf(stage, 'db1');
        expect([...rows].filter((row) => !tail.anywhere.has(row)).length).toBeGreaterThan(0);
        stage.dies();
        await cluster.killHost('db1');
        // By hand nobody has seen the source alive: its replicas tell what its files are called.
        const run = manager ?? (await failoverByHand(stage));
        expect((await run.end()).code, run.text()).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, tail.anywhere));
        expect(copiesUsed(judgement)).toEqual([`binlog1 ${nameOf(stage, 'binlog1')}`]);
        expect(reportText(judgement)).toMatch(/from binlog1 \S+ \(its copy of \S+'s binary log\)/);
        expect(judgement.run?.report.losses.join()).toContain('nor binlog1');
      });
    });

    it('is not asked for what the disk of the source has, which has more', async ({ skip }) => {
      skip(setting.mode === 'gtid' && !isMatrix, 'its second mode belongs to the matrix');
      await onStage({ ...setting, copyHosts: 1 }, async (stage) => {
        const { cluster, writer } = stage;
        const stream = await streamBinlogs(cluster, 'binlog1');
        const manager = await stage.manager();
        const tail = await makeTail(cluster, writer, 100);
        await stream.received();
        await stream.stop();
        await writer.more(50);
        await stage.killSource();
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, tail.anywhere));
        expect(copiesUsed(judgement)).toEqual([]);
        expect(lossesOf(judgement.run)).toEqual([]);
      });
    });

    it('gives way to the relay log of a replica that holds more', async ({ skip }) => {
      skip(setting.mode === 'gtid' && !isMatrix, 'its second mode belongs to the matrix');
      await onStage({ ...setting, copyHosts: 1 }, async (stage) => {
        const { cluster, writer } = stage;
        const stream = await streamBinlogs(cluster, 'binlog1');
        const manager = await stage.manager();
        await stopApplier(cluster, 'db4');
        for (const name of ['db2', 'db3']) {
          await stopReceiver(cluster, name);
          await writer.more(100);
        }
        await stream.received();
        await stream.stop();
        await writer.more(100);
        await quiet(stage);
        const rows = await rowsOf(stage, 'db1');
        await received(stage, 'db4');
        expect((await rowsOf(stage, 'db4')).size).toBeLessThan(rows.size);
        stage.dies();
        await cluster.killHost('db1');
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        expect(judgement.run?.report.rescued.map(({ kind }) => kind)).toContain('relay');
      });
    });

    it('goes on where another one stopped, and where the files of the source are gone', async ({ skip }) => {
      skip(!isMatrix, 'it belongs to the matrix');
      await onStage({ ...setting, copyHosts: 2 }, async (stage) => {
        const { cluster, writer } = stage;
        const streams = [await streamBinlogs(cluster, 'binlog1'), await streamBinlogs(cluster, 'binlog2')];
        const manager = await stage.manager();
        const tail = await makeTail(cluster, writer, 100);
        await streams[0]?.received();
        await streams[0]?.stop();
        await writer.more(50);
        await quiet(stage);
        await streams[1]?.received();
        const rows = await rowsOf(stage, 'db1');
        expect([...rows].filter((row) => !tail.anywhere.has(row)).length).toBeGreaterThan(0);
        for (const file of binlogsOf(cluster, 'db1')) rmSync(file);
        await stage.killSource();
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        expect(copiesUsed(judgement)).toEqual([`binlog2 ${nameOf(stage, 'binlog2')}`]);
      });
    });
  });
});

/** After a look at what it would do. */
async function failoverByHand(stage: Stage): Promise<ProductRun> {
  const words = ['failover', '--dead-master-host', 'db1'];
  const plan = stage.product(...words, '--dry-run');
  expect((await plan.end()).code, plan.text()).toBe(0);
  expect(plan.text()).toMatch(/fetch the copy of its binary log from binlog1/);
  expect(plan.text()).toMatch(/read \S+mysql-bin\.\* on binlog1 \S+ \(its copy, up to mysql-bin\.\d+:\d+\) over SSH/);
  return stage.product(...words, '--yes');
}

/** As the configuration calls it: where hosts share a network, by its address. */
function nameOf({ cluster }: Stage, name: string): string {
  const host = cluster.copyHosts.find((one) => one.name === name);
  return (cluster.lab === 'namespaces' ? name : host?.address) ?? name;
}

/** Waits until a replica has received (not applied) everything up to the source's present end. */
async function received({ cluster }: Stage, name: string): Promise<void> {
  const [end] = await cluster.sql('db1', cluster.family.words.showBinlogEnd);
  const goal = `${end?.['File'] ?? ''}:${end?.['Position'] ?? ''}`;
  const there = async (): Promise<boolean> => (await readReplicaStatus(cluster.host(name).server))?.received === goal;
  await until(there, { what: `see ${name} receive up to ${goal}`, deadlineMs: 60_000 });
}
