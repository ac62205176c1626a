import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster, ClusterOptions } from '../../src/sandbox/cluster.js';
import { prove } from '../../src/sandbox/proof.js';
import { readServer } from '../../src/sandbox/proof-reader.js';
import { replicationRuns } from '../../src/sandbox/replication.js';
import { until } from '../../src/sandbox/wait.js';
import { startWriter, type Writer } from '../../src/sandbox/writer.js';
import { dumpsOf } from './support/channels.js';
import { describeInMatrix, type Setting, someSettings } from './support/families.js';
import { type ProductRun, runFolderOf, startProduct, statusText, watching } from './support/product.js';
import { isWritable, lossesOf } from './support/proof.js';
import { followedBy, followOnly } from './support/tiers.js';
import { placeGates, runSwitch } from './support/switch.js';
import { withCluster } from './support/with-cluster.js';

/** db1 leads db2 and db4, and db2 leads db3, which the configuration leaves to itself. */
async function inThreeTiers(
  setting: Setting,
  conf: ClusterOptions['confPerServer'],
  test: (cluster: Cluster, writer: Writer) => Promise<void>,
): Promise<void> {
  const confPerServer = { ...conf, db3: { multi_tier_slave: 1 } };
  await withCluster({ ...setting, logReplicaUpdates: true, confPerServer }, async (cluster) => {
    await followOnly(cluster, 'db3', 'db2');
    await test(cluster, await startWriter(cluster, { ratePerWorker: 100 }));
  });
}

/** db1 and db2 follow each other, db2 is closed, and db3 follows db1. */
async function inTwoSources(
  setting: Setting,
  test: (cluster: Cluster, writer: Writer) => Promise<void>,
): Promise<void> {
  const confPerServer = { db2: { candidate_master: 1 } };
  await withCluster({ ...setting, servers: 3, logReplicaUpdates: true, confPerServer }, async (cluster) => {
    await followOnly(cluster, 'db1', 'db2');
    await test(cluster, await startWriter(cluster, { ratePerWorker: 100 }));
  });
}

async function manage(cluster: Cluster): Promise<ProductRun> {
  const manager = startProduct(cluster, ['manager']);
  await watching(cluster, manager);
  return manager;
}

async function check(cluster: Cluster): Promise<readonly [number | null, string]> {
  const run = startProduct(cluster, ['check-repl']);
  const { code } = await run.end();
  return [code, run.text()];
}

/** Everybody who follows the new source is the same as it, and so is the leaf behind its own source. */
async function expectEqual(
  cluster: Cluster,
  writer: Writer,
  servers: readonly string[],
  { leaf, returns = 0 }: { readonly leaf?: string; readonly returns?: number } = {},
): Promise<void> {
  await writer.more(50);
  const { problems, servers: seen } = await prove(cluster, await writer.stop(), { servers, returns });
  expect(problems).toEqual([]);
  if (leaf === undefined) return;
  const wanted = JSON.stringify([...(seen[0]?.tables ?? [])]);
  const same = async (): Promise<boolean> => JSON.stringify([...(await readServer(cluster, leaf)).tables]) === wanted;
  await until(same, { what: `see ${leaf} level`, deadlineMs: 30_000 });
  await replicationRuns(cluster.host(leaf).server, leaf);
  expect(await isWritable(cluster, leaf)).toBe(false);
}

/** The manager looked at its source several times since, and went on watching it. */
async function expectNothing(cluster: Cluster, manager: ProductRun, writer: Writer): Promise<void> {
  const heartbeat = (): number => statSync(join(cluster.workdir, 'app1.master_status.health')).mtimeMs;
  for (let beat = 0; beat < 3; beat++) {
    const before = heartbeat();
    await until(() => heartbeat() > before, { what: 'see the manager go on', deadlineMs: 30_000 });
  }
  await writer.more(50);
  expect(statusText(cluster)).toContain('\t0:PING_OK');
  expect(manager.running()).toBe(true);
  expect(runFolderOf(cluster)).toBeUndefined();
}

describeInMatrix('three tiers', () => {
  someSettings((setting) => {
    // The intermediate server, or one beside it, which then leads the intermediate one.
    it.each(['db2', 'db4'])('when the primary dies, %s leads, and the leaf never notices', async (name) => {
      await inThreeTiers(setting, { [name]: { candidate_master: 1 } }, async (cluster, writer) => {
        const manager = await manage(cluster);
        const [dump] = await dumpsOf(cluster, 'db2');
        await writer.more(50);
        await cluster.killServer('db1');
        expect((await manager.end()).code, manager.text()).toBe(0);
        const other = name === 'db2' ? 'db4' : 'db2';
        expect(await followedBy(cluster, other)).toBe(name);
        expect(await followedBy(cluster, 'db3')).toBe('db2');
        expect(await dumpsOf(cluster, 'db2')).toContain(dump);
        await expectEqual(cluster, writer, ['db2', 'db4'], { leaf: 'db3' });
        expect(await isWritable(cluster, name)).toBe(true);
        expect(runFolderOf(cluster)?.report).toMatchObject({ newSource: `${name}:3306` });
        expect(lossesOf(runFolderOf(cluster))).toEqual([]);
      });
    });

    it('are switched without the leaf, and a dead intermediate server is no reason for a failover', async () => {
      await inThreeTiers(setting, {}, async (cluster, writer) => {
        const [sound, text] = await check(cluster);
        expect(sound, text).toBe(0);
        expect(text).toMatch(/db3:3306 replicates from \S+:3306 and is left alone \(multi_tier_slave\)/);
        const [dump] = await dumpsOf(cluster, 'db2');
        const away = await runSwitch(cluster, '--new-master', 'db4', '--yes');
        expect(away.code, away.stderr).toBe(0);
        for (const name of ['db1', 'db2']) expect(await followedBy(cluster, name)).toBe('db4');
        expect(await followedBy(cluster, 'db3')).toBe('db2');
        expect(await dumpsOf(cluster, 'db2')).toContain(dump);

        const manager = await manage(cluster);
        await writer.more(50);
        await cluster.killServer('db2');
        await expectNothing(cluster, manager, writer);
        const [broken, said] = await check(cluster);
        expect(broken).toBe(1);
        expect(said).toContain('db2:3306 does not answer');
        expect(said).not.toContain('one-source');

        // And when the primary dies as well, the one that is left leads.
        await cluster.killServer('db4');
        expect((await manager.end()).code, manager.text()).toBe(10);
        await expectEqual(cluster, writer, ['db1'], { returns: 1 });
        expect(runFolderOf(cluster)?.report).toMatchObject({ newSource: 'db1:3306' });
        expect(lossesOf(runFolderOf(cluster))).toEqual([]);
      });
    });
  });
});

describeInMatrix('two sources that follow each other', () => {
  someSettings((setting) => {
    it('one closed: its death changes nothing, and it takes over from the other one', async () => {
      await inTwoSources(setting, async (cluster, writer) => {
        const [sound, text] = await check(cluster);
        expect(sound, text).toBe(0);
        const manager = await manage(cluster);
        await writer.more(50);
        // In order, since it comes back: where it was in the source is not safe from a crash in every family.
        await cluster.killServer('db2', 'SIGTERM');
        await expectNothing(cluster, manager, writer);
        const [broken, said] = await check(cluster);
        expect(broken).toBe(1);
        expect(said).toMatch(/db2:3306 \(no answer\) and db1:3306 \(writable\) are both followed/);
        await cluster.startServer('db2');
        await cluster.sql('db2', cluster.family.words.close);
        for (const { name, server } of cluster.hosts) await replicationRuns(server, name);
        await writer.more(50);

        await cluster.killServer('db1');
        expect((await manager.end()).code, manager.text()).toBe(0);
        expect(await followedBy(cluster, 'db3')).toBe('db2');
        expect(await followedBy(cluster, 'db2')).toBeUndefined();
        await expectEqual(cluster, writer, ['db2', 'db3']);
        expect(await isWritable(cluster, 'db2')).toBe(true);
      });
    });

    it('change places in a switch, and the closed one follows as it did before', async () => {
      await inTwoSources(setting, async (cluster, writer) => {
        // One that fails right before the opening leaves both as they were.
        const gates = await placeGates(cluster);
        await gates.open('stop');
        await gates.open('start', 1);
        expect((await runSwitch(cluster, '--new-master', 'db2', '--yes')).refusal).toBe('HOOK_FAILED');
        for (const { name, server } of cluster.hosts) await replicationRuns(server, name);
        expect(await followedBy(cluster, 'db1')).toBe('db2');
        expect(await isWritable(cluster, 'db1')).toBe(true);
        await gates.open('start');

        for (const [to, from] of [
          ['db2', 'db1'],
          ['db1', 'db2'],
        ] as const) {
          await writer.more(50);
          const run = await runSwitch(cluster, '--new-master', to, '--yes');
          expect(run.code, run.stderr).toBe(0);
          for (const name of [from, 'db3']) expect(await followedBy(cluster, name)).toBe(to);
          // As MHA, unless skip_reset_slave=1: the new source forgets whom it followed.
          expect(await followedBy(cluster, to)).toBeUndefined();
        }
        await expectEqual(cluster, writer, ['db1', 'db2', 'db3'], { returns: 1 });
        expect(await isWritable(cluster, 'db1')).toBe(true);
        expect((await check(cluster))[0]).toBe(0);
      });
    });
  });
});
