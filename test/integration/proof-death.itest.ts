import { rm, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { commandName } from '../../src/sandbox/proc.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { replicationRuns } from '../../src/sandbox/replication.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { until } from '../../src/sandbox/wait.js';
import { acknowledged, readWriterLog } from '../../src/sandbox/writer-log.js';
import { eachSetting, isThorough } from './support/families.js';
import { whyNoLinks } from './support/lab.js';
import { statusText } from './support/product.js';
import { expectSaved, isWritable, onDeadDiskOnly, onStage, type Stage } from './support/proof.js';
import { describeWithServers } from './support/with-cluster.js';

/** Every replica's place is the source's: nobody was repointed, stopped or opened. */
async function expectUntouched(cluster: Cluster): Promise<void> {
  const source = cluster.host('db1').address;
  for (const { name, server } of cluster.hosts.slice(1)) {
    await replicationRuns(server, name);
    expect((await readReplicaStatus(server))?.sourceHost).toBe(source);
    expect(await isWritable(cluster, name)).toBe(false);
  }
  expect(await isWritable(cluster, 'db1')).toBe(true);
}

/** Rows acknowledged at a time this long after another: the writer's clock says that much time has passed in work. */
async function acknowledgedFor({ writer }: Stage, ms: number): Promise<void> {
  const from = process.hrtime.bigint() + BigInt(ms) * 1_000_000n;
  const late = (): boolean => acknowledged(readWriterLog(writer.logFile)).some(({ at }) => at > from);
  await until(late, { what: `see rows written for ${String(ms)} ms`, deadlineMs: ms + 30_000, everyMs: 200 });
}

const runningOn = (cluster: Cluster, name: string): readonly string[] => cluster.processesOf(name).map(commandName);

/** When is a source dead, and does it stay so? */
describeWithServers('the death of a source', () => {
  eachSetting((setting) => {
    const repeats = Array.from({ length: isThorough(setting) ? 5 : 1 }, (_, index) => index + 1);
    it.each(repeats)('(k) is final although a supervisor starts it again one second later (run %d)', async () => {
      await onStage({ ...setting, restartDelayMs: 1000 }, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        const tail = await makeTail(cluster, writer, 100);
        expect(runningOn(cluster, 'db1')).toContain('mysqld_safe');
        // A source that is back before it was found dead is alive, and nothing happens. On hosts that share a machine a
        // server that somebody has just started could be it, and the proof waits until that is settled.
        const { restartHold } = cluster.host('db1').server;
        await writeFile(restartHold, '');
        await stage.killSource();
        await manager.says('source-dead');
        await rm(restartHold);
        expect((await manager.end()).code).toBe(0);
        await writer.more(50);
        // Neither the server nor what would start it again is there any more.
        expect(runningOn(cluster, 'db1')).not.toContain(cluster.family.processName);
        expect(runningOn(cluster, 'db1')).not.toContain('mysqld_safe');
        const judgement = await stage.judge();
        await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, tail.anywhere));
      });
    });

    it('(l) is not believed when only the manager is cut off', async ({ skip }) => {
      const why = await whyNoLinks();
      skip(why !== undefined, why);
      await onStage({ ...setting }, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        await cluster.cut('manager', 'db1');
        await manager.says('replicas-still-see-source');
        // Twice the ladder of four failed checks.
        await acknowledgedFor(stage, 8_000);
        expect(statusText(cluster)).toContain('20:PING_FAILING');
        await expectUntouched(cluster);
        await cluster.heal('manager', 'db1');
        await manager.says('the source answers again');
        // It is still fit to act when the source really dies.
        const tail = await makeTail(cluster, writer, 100);
        await stage.killSource();
        expect((await manager.end()).code).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge();
        await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, tail.anywhere));
      });
    });

    it('(m) is made final when a stopped source could wake again', async () => {
      await onStage({ ...setting }, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        const tail = await makeTail(cluster, writer, 100);
        const pid = cluster.host('db1').server.pid();
        stage.dies();
        cluster.freeze('db1');
        expect((await manager.end()).code).toBe(0);
        await writer.more(50);
        expect(cluster.host('db1').server.pid()).not.toBe(pid);
        if (cluster.host('db1').server.pid() !== undefined) cluster.thaw('db1');
        await writer.more(50);
        const judgement = await stage.judge();
        await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, tail.anywhere));
        expect(judgement.run?.report.evidence.code).toBe('source-hung');
      });
    });

    it('(m) is not acted on when a stopped source cannot be fenced, and it wakes as what it was', async () => {
      await onStage({ ...setting }, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        await cluster.killSshd('db1');
        cluster.freeze('db1');
        expect((await manager.end()).code).toBe(1);
        expect(manager.text()).toContain('cannot-fence');
        cluster.thaw('db1');
        await writer.more(50);
        await expectUntouched(cluster);
        const judgement = await stage.judge({ servers: cluster.hosts.map(({ name }) => name) });
        expect(judgement.proof.writable).toEqual(['db1']);
        expect(judgement.run).toBeUndefined();
      });
    });

    it('(m) is taken back when the source wakes while it is still being looked at', async () => {
      await onStage({ ...setting }, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        cluster.freeze('db1');
        await manager.says('source-failing');
        cluster.thaw('db1');
        await manager.says('the source answers again');
        await writer.more(50);
        await expectUntouched(cluster);
        expect(manager.running()).toBe(true);
        expect((await stage.judge({ servers: cluster.hosts.map(({ name }) => name) })).proof.writable).toEqual(['db1']);
      });
    });
  });
});
