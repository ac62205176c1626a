import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTail } from '../../src/sandbox/tail.js';
import { replicationRuns } from '../../src/sandbox/replication.js';
import { binlogsOf } from './support/dead-disk.js';
import {
  encryptFromNowOn,
  encryptingOptions,
  type EncryptingFamily,
  whyNoEncryption,
} from './support/encrypted-source.js';
import { describeInMatrix, isMatrix, modes, needFamily } from './support/families.js';
import { onStage } from './support/proof.js';

const families: readonly EncryptingFamily[] = ['mariadb', 'mysql97'];
const cases = families
  .flatMap((family) => modes.map((mode) => [family, mode] as const))
  .filter(([family, mode]) => isMatrix || (family === 'mariadb' && mode === 'gtid'));

describeInMatrix('a dead source whose binary log is encrypted', () => {
  it.for(cases)('is refused, and what replicas hold goes on (%s, %s)', async ([family, mode], context) => {
    needFamily(family, context);
    const reason = whyNoEncryption(family);
    if (reason !== undefined) context.skip(reason);
    const folder = await mkdtemp(join(tmpdir(), 'mha-ts-keys-'));
    try {
      const options = await encryptingOptions(family, folder, ['db1']);
      await onStage({ family, mode, ...options, writer: { answerWithinMs: 20_000 } }, async (stage) => {
        const { cluster, writer } = stage;
        await encryptFromNowOn(cluster, family, 'db1');
        for (const { server, name } of cluster.hosts.slice(1)) {
          // A replica that retried in vain for as often as it may has given up.
          await server.sql(`START ${cluster.family.words.replica}`);
          await replicationRuns(server, name);
        }
        await writer.more(30);
        const tail = await makeTail(cluster, writer, 100);
        await stage.killSource();
        const newest = readFileSync(binlogsOf(cluster, 'db1').at(-1) ?? '');
        // Nobody can read a row of the writer's in it; MariaDB's file has a head as any other.
        expect(newest.subarray(0, 4).toString('hex')).toBe(family === 'mariadb' ? 'fe62696e' : 'fd62696e');
        expect(newest.includes('entries')).toBe(false);

        const failover = stage.product('failover', '--dead-master-host', 'db1', '--yes');
        expect((await failover.end()).code, failover.text()).toBe(0);
        await writer.more(50);
        const judgement = await stage.judge({ beyondReach: (row) => !tail.anywhere.has(row) });
        // Everything that any replica held is there, on all of them; the rest is said to be lost, and why.
        expect(judgement.proof.lost.length).toBeGreaterThan(0);
        const losses = judgement.run?.report.losses.join(' ') ?? '';
        expect(losses).toContain(family === 'mariadb' ? 'encrypt_binlog' : 'binlog_encryption');
        expect(losses).toContain('--read-from-remote-server');
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
