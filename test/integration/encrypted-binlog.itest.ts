import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import type { Cluster, ClusterOptions } from '../../src/sandbox/cluster.js';
import { drained } from '../../src/sandbox/drained.js';
import type { ReplicationMode } from '../../src/sandbox/family/family.js';
import { writtenRows } from '../../src/sandbox/proof-reader.js';
import { stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { makeTail, type TailShape } from '../../src/sandbox/tail.js';
import { replicationRuns } from '../../src/sandbox/replication.js';
import { streamBinlogs } from './support/binlog-stream.js';
import { binlogsOf } from './support/dead-disk.js';
import {
  encryptFromNowOn,
  encryptingOptions,
  type EncryptingFamily,
  whyNoEncryption,
} from './support/encrypted-source.js';
import { describeInMatrix, isMatrix, modes, needFamily } from './support/families.js';
import { onStage, type Stage } from './support/proof.js';

const families: readonly EncryptingFamily[] = ['mariadb', 'mysql97'];
const cases = families
  .flatMap((family) => modes.map((mode) => [family, mode] as const))
  .filter(([family, mode]) => isMatrix || (family === 'mariadb' && mode === 'gtid'));

describeInMatrix('a dead source whose binary log is encrypted', () => {
  it.for(cases)('is refused, and what replicas hold goes on (%s, %s)', ([family, mode], context) =>
    onEncrypted(family, mode, context, 0, async (stage, tail) => {
      const judgement = await stage.judge({ beyondReach: (row) => !tail.anywhere.has(row) });
      // Everything that any replica held is there, on all of them; the rest is said to be lost, and why.
      expect(judgement.proof.lost.length).toBeGreaterThan(0);
      const losses = judgement.run?.report.losses.join(' ') ?? '';
      expect(losses).toContain(family === 'mariadb' ? 'encrypt_binlog' : 'binlog_encryption');
      expect(losses).toContain('--read-from-remote-server');
    }),
  );

  it.for(cases)('loses nothing that a binlog server has received, in clear (%s, %s)', ([family, mode], context) =>
    onEncrypted(family, mode, context, 1, async (stage) => {
      const judgement = await stage.judge();
      const losses = judgement.run?.report.losses.join(' ') ?? '';
      expect(losses).toContain('The copy on binlog1');
      expect(judgement.run?.report.rescued.some(({ copy }) => copy?.startsWith('binlog1') === true)).toBe(true);
    }),
  );
});

describeInMatrix('a replica whose relay log is encrypted', () => {
  it.for(families)('leads, and not a candidate that would lack what it alone has (%s)', (family, context) =>
    withKeys(family, context, ['db4'], async (options) => {
      const confPerServer = { db2: { candidate_master: 1 } };
      await onStage({ family, mode: 'coordinates', ...options, confPerServer }, async (stage) => {
        const { cluster, writer } = stage;
        await encryptFromNowOn(cluster, family, 'db4');
        await goOn(cluster);
        const manager = await stage.manager();
        for (const name of ['db2', 'db3']) await stopReceiver(cluster, name);
        await writer.more(100);
        await stopReceiver(cluster, 'db4');
        await drained(cluster, 'db4');
        const held = new Set((await writtenRows(cluster, 'db4')).keys());
        expect(held.size).toBeGreaterThan((await writtenRows(cluster, 'db2')).size);
        stage.dies();
        await cluster.killHost('db1');
        // The others have no way to what they lack: they are named.
        expect((await manager.end()).code, manager.text()).toBe(10);
        await writer.more(50);
        const { proof } = await stage.judge({ servers: ['db4'], beyondReach: (row) => !held.has(row) });
        expect(proof.writable).toEqual(['db4']);
      });
    }),
  );
});

/** A failover by hand after the death of an encrypting source, with a tail that no replica has. */
async function onEncrypted(
  family: EncryptingFamily,
  mode: ReplicationMode,
  context: TestContext,
  copyHosts: number,
  judge: (stage: Stage, tail: TailShape) => Promise<void>,
): Promise<void> {
  await withKeys(family, context, ['db1'], async (options) => {
    await onStage({ family, mode, ...options, copyHosts, writer: { answerWithinMs: 20_000 } }, async (stage) => {
      const { cluster, writer } = stage;
      await encryptFromNowOn(cluster, family, 'db1');
      await goOn(cluster);
      const streams = await Promise.all(cluster.copyHosts.map(({ name }) => streamBinlogs(cluster, name)));
      await writer.more(30);
      const tail = await makeTail(cluster, writer, 100);
      if (streams.length > 0) await cluster.sql('db1', cluster.family.words.close);
      for (const stream of streams) await stream.received();
      await stage.killSource();
      const newest = readFileSync(binlogsOf(cluster, 'db1').at(-1) ?? '');
      // Nobody can read a row of the writer's in it; MariaDB's file has a head as any other.
      expect(newest.subarray(0, 4).toString('hex')).toBe(family === 'mariadb' ? 'fe62696e' : 'fd62696e');
      expect(newest.includes('entries')).toBe(false);

      const failover = stage.product('failover', '--dead-master-host', 'db1', '--yes');
      expect((await failover.end()).code, failover.text()).toBe(0);
      await writer.more(50);
      await judge(stage, tail);
    });
  });
}

async function withKeys(
  family: EncryptingFamily,
  context: TestContext,
  servers: readonly string[],
  test: (options: Pick<ClusterOptions, 'perServer'>) => Promise<void>,
): Promise<void> {
  needFamily(family, context);
  const reason = whyNoEncryption(family);
  if (reason !== undefined) context.skip(reason);
  const folder = await mkdtemp(join(tmpdir(), 'mha-ts-keys-'));
  try {
    await test(await encryptingOptions(family, folder, servers));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A replica that retried in vain for as often as it may has given up; one that was started again is closed by hand. */
async function goOn(cluster: Cluster): Promise<void> {
  for (const { server, name } of cluster.hosts.slice(1)) {
    await server.sql(cluster.family.words.close);
    await server.sql(`START ${cluster.family.words.replica}`);
    await replicationRuns(server, name);
  }
}
