import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { drained } from '../../src/sandbox/drained.js';
import { type RowId, writtenRows } from '../../src/sandbox/proof-reader.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { stopApplier, stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { until } from '../../src/sandbox/wait.js';
import { bulkRows } from './support/bulk.js';
import { cutOnItsWay } from './support/cut-transaction.js';
import { eachSetting, isMatrix, isThorough } from './support/families.js';
import { doneAt, journalOf } from './support/journal.js';
import { whyNoLinks } from './support/lab.js';
import { expectSaved, lossesOf, onDeadDiskOnly, onStage, type Stage } from './support/proof.js';
import { unlogged } from './support/unlogged.js';
import { describeWithServers } from './support/with-cluster.js';

/** Waits until a replica has received (not applied) everything up to the source's present end. */
async function received(cluster: Cluster, name: string): Promise<void> {
  const [end] = await cluster.sql('db1', cluster.family.words.showBinlogEnd);
  const goal = comparable(`${end?.['File'] ?? ''}:${end?.['Position'] ?? ''}`);
  const there = async (): Promise<boolean> =>
    comparable((await readReplicaStatus(cluster.host(name).server))?.received ?? '') >= goal;
  await until(there, { what: `see ${name} receive up to ${goal}`, deadlineMs: 60_000 });
}

function comparable(place: string): string {
  const [file = '', position = ''] = place.split(':');
  return `${file}:${position.padStart(12, '0')}`;
}

/**
 * The newest replica has rows in its relay log only, since its applier stands still; the others stopped receiving
 * earlier. Gives the rows that it holds at least.
 */
async function tailInRelayLog(
  { cluster, writer }: Stage,
  receiver: 'stopped' | 'running' = 'stopped',
): Promise<ReadonlySet<RowId>> {
  await stopApplier(cluster, 'db4');
  for (const name of ['db2', 'db3']) {
    await writer.more(100);
    await stopReceiver(cluster, name);
  }
  await writer.more(100);
  const held = new Set((await writtenRows(cluster, 'db1')).keys());
  await received(cluster, 'db4');
  if (receiver === 'stopped') await stopReceiver(cluster, 'db4');
  const applied = await writtenRows(cluster, 'db4');
  expect(applied.size).toBeLessThan(held.size);
  await writer.more(100);
  return held;
}

/** Rows that some replica has, once each has executed what it holds. */
async function heldAnywhere(cluster: Cluster): Promise<ReadonlySet<RowId>> {
  const held = new Set<RowId>();
  for (const { name } of cluster.hosts.slice(1)) {
    await drained(cluster, name);
    for (const id of (await writtenRows(cluster, name)).keys()) held.add(id);
  }
  return held;
}

/** The host of the dead source is gone as well. */
const disappearances: Readonly<Record<string, (cluster: Cluster) => Promise<void>>> = {
  'its sshd is dead too': async (cluster) => {
    await cluster.killSshd('db1');
    await cluster.killServer('db1');
  },
  'its host lost power': (cluster) => cluster.killHost('db1'),
};

/** What replicas hold, and what becomes of replicas that are not like the others. */
describeWithServers('replicas of a dead source', () => {
  eachSetting((setting) => {
    it.each(Object.entries(disappearances))('(b) are levelled from the newest one: %s', async (_, disappear) => {
      await onStage({ ...setting }, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        const tail = await makeTail(cluster, writer, 150);
        stage.dies();
        await disappear(cluster);
        expect((await manager.end()).code).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge({ beyondReach: (row) => !tail.anywhere.has(row) });
        await onDeadDiskOnly(cluster, judgement, tail.anywhere);
        expect(judgement.run?.report.losses.join()).toContain('could not be read');
        expect(judgement.run?.report.rescued.map(({ kind }) => kind)).toContain('relay');
      });
    });

    it.each(['stopped', 'running'] as const)(
      '(b) get what the newest one has received and not applied, its receiver %s',
      async (receiver) => {
        await onStage({ ...setting }, async (stage) => {
          const manager = await stage.manager();
          const held = await tailInRelayLog(stage, receiver);
          stage.dies();
          await stage.cluster.killHost('db1');
          expect((await manager.end()).code).toBe(0);
          await stage.writer.more(50);
          const judgement = await stage.judge({ beyondReach: (row) => !held.has(row) });
          expect(judgement.onOldSource.filter((row) => held.has(row)).length).toBeGreaterThan(0);
          expect(judgement.run?.report.rescued.map(({ kind }) => kind)).toContain('relay');
        });
      },
    );

    it('(b) roll back what was cut on its way, when nobody can send the rest', async ({ skip }) => {
      const why = await whyNoLinks();
      skip(why !== undefined, why);
      skip(setting.mode === 'gtid' && !isMatrix, 'its second mode belongs to the matrix');
      await onStage(setting, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        await cutOnItsWay(cluster);
        const held = await heldAnywhere(cluster);
        stage.dies();
        await cluster.killHost('db1');
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge({ beyondReach: (row) => !held.has(row) });
        const bulk = judgement.proof.servers.map(({ tables }) => tables.get('`bulk`.`cut`')?.rows);
        expect(bulk).toEqual(['0', '0', '0']);
      });
    });

    it('(g) are levelled although the applier of one stands still', async () => {
      await onStage({ ...setting }, async (stage) => {
        const manager = await stage.manager();
        const held = await tailInRelayLog(stage);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await stage.writer.more(50);
        const judgement = await stage.judge();
        await expectSaved(judgement, await onDeadDiskOnly(stage.cluster, judgement, held));
        expect(judgement.run?.report).toMatchObject({ exit: 0 });
        expect(lossesOf(judgement.run)).toEqual([]);
      });
    });

    it('(h) go on without one that cannot be recovered, and say so', async () => {
      await onStage({ ...setting }, async (stage) => {
        const { cluster, writer } = stage;
        await cluster.sql('db1', 'CREATE TABLE app.spoilt (id INT PRIMARY KEY)');
        const manager = await stage.manager();
        const tail = await makeTail(cluster, writer, 100);
        await unlogged(cluster, 'db3', 'INSERT INTO app.spoilt VALUES (1)');
        await cluster.sql('db1', 'INSERT INTO app.spoilt VALUES (1)');
        await writer.more(50);
        await stage.killSource();
        expect((await manager.end()).code).toBe(10);
        await writer.more(50);
        const judgement = await stage.judge({ servers: ['db2', 'db4'] });
        await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, tail.anywhere));
        const left = judgement.run?.report.servers.find(({ server }) => server === 'db3:3306');
        expect(left?.role).toBe('behind');
        // For a moment MySQL tells of the worker that failed (3030), and only then of its error.
        expect(left?.why).toMatch(/1062|error 3030: .* Worker \d+ failed executing transaction/);
        // It is left closed, with its former settings, and with what it had applied applied once.
        const status = await readReplicaStatus(cluster.host('db3').server);
        expect(status).toMatchObject({ sourceHost: cluster.host('db1').address, sourceUser: 'repl' });
        expect((await cluster.sql('db3', 'SELECT @@global.read_only AS closed'))[0]?.['closed']).toBe('1');
        expect([...(await writtenRows(cluster, 'db3')).values()].filter((copies) => copies !== 1)).toEqual([]);
      });
    });

    it('(j) do not delay the promotion when one is far behind', async ({ skip }) => {
      skip(setting.mode === 'gtid' && !isMatrix, 'its second mode belongs to the matrix');
      const megabytes = isThorough(setting) ? 1024 : 200;
      await onStage({ ...setting, writer: { answerWithinMs: 30_000 } }, async (stage) => {
        const { cluster, writer } = stage;
        await cluster.sql('db1', 'CREATE DATABASE bulk; CREATE TABLE bulk.filler (id INT PRIMARY KEY, body LONGBLOB)');
        const manager = await stage.manager();
        await stopReceiver(cluster, 'db2');
        for (let done = 0; done < megabytes; done += 50) {
          await cluster.sql('db1', bulkRows('bulk.filler', done + 1, Math.min(done + 50, megabytes)));
        }
        for (const name of ['db3', 'db4']) await received(cluster, name);
        const tail = await makeTail(cluster, writer, 100);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        await onDeadDiskOnly(cluster, judgement, tail.anywhere);
        const bulk = judgement.proof.servers.map(({ tables }) => tables.get('`bulk`.`filler`')?.rows);
        expect(bulk).toEqual(bulk.map(() => String(megabytes)));
        // The new source was open while the one far behind still had a long way to go.
        const journal = journalOf(judgement.run?.path ?? '');
        const opened = doneAt(journal, `open-for-writes:${String(judgement.proof.writable[0])}:3306`);
        expect(opened).toBeGreaterThan(0);
        expect(doneAt(journal, 'reach-target:db2:3306')).toBeGreaterThan(opened);
      });
    });
  });
});
