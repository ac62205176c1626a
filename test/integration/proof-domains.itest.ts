import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { drained } from '../../src/sandbox/drained.js';
import { describeInMatrix, modes } from './support/families.js';
import { expectSaved, lossesOf, onDeadDiskOnly, onStage } from './support/proof.js';
import { stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { writtenRows } from '../../src/sandbox/proof-reader.js';
import { describeWithServers } from './support/with-cluster.js';

const domains = [1, 7, 42];

/** Transactions in several domains, between those of the writer. */
async function writeDomains(cluster: Cluster, round: number): Promise<void> {
  for (const domain of domains) {
    const session = `SET SESSION gtid_domain_id=${String(domain)}`;
    await cluster.sql('db1', `${session}; INSERT INTO app.domains VALUES (${String(domain)}, ${String(round)})`);
  }
  await cluster.sql('db1', 'SET SESSION gtid_domain_id=0');
}

async function useCurrentPos(cluster: Cluster, name: string): Promise<void> {
  await cluster.sql(name, 'STOP SLAVE; CHANGE MASTER TO MASTER_USE_GTID=current_pos; START SLAVE');
}

describeInMatrix('MariaDB by GTID', () => {
  it.each([true, false])('keeps several domains in order, in strict mode too (log_slave_updates %s)', async (logs) => {
    const options = {
      extraOptions: ['gtid_strict_mode=1'],
      confPerServer: { db3: { candidate_master: 1 } },
      logReplicaUpdates: logs,
    };
    await onStage({ mode: 'gtid', servers: 4, ...options }, async (stage) => {
      const { cluster, writer } = stage;
      await cluster.sql('db1', 'CREATE TABLE app.domains (domain INT, round INT, PRIMARY KEY (domain, round))');
      await useCurrentPos(cluster, 'db2');
      const manager = await stage.manager();
      await writeDomains(cluster, 1);
      await cluster.sql('db1', 'FLUSH BINARY LOGS');
      // One stands far behind and does not know its place, the others each at one of their own.
      await cluster.cut('db1', 'db3');
      await cluster.killServer('db3');
      await cluster.startServer('db3');
      await cluster.sql('db3', 'SET GLOBAL read_only=1');
      await drained(cluster, 'db3');
      for (const [index, name] of ['db2', 'db4'].entries()) {
        await writeDomains(cluster, index + 2);
        await writer.more(50);
        await stopReceiver(cluster, name);
      }
      await drained(cluster, 'db4');
      const held = new Set((await writtenRows(cluster, 'db4')).keys());
      await writeDomains(cluster, 4);
      await writer.more(100);
      await stage.killSource();
      expect((await manager.end()).code, manager.text()).toBe(0);
      await writer.more(50);
      const judgement = await stage.judge();
      expect(judgement.run?.report).toMatchObject({ exit: 0, newSource: 'db3:3306' });
      expect(lossesOf(judgement.run)).toEqual([]);
      await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, held));
      const [count] = await cluster.sql('db3', 'SELECT COUNT(*) AS n FROM app.domains');
      expect(count?.['n']).toBe(String(domains.length * 4));
      const [left] = await cluster.sql('db2', 'SHOW SLAVE STATUS');
      expect(left?.['Using_Gtid']).toBe('Current_Pos');
    });
  });
});

describeWithServers('one source and one replica', () => {
  it.each(modes)('are a cluster: checked, switched to and fro, failed over (%s)', async (mode) => {
    await onStage({ mode, servers: 2 }, async (stage) => {
      const { cluster, writer, product } = stage;
      await writer.more(30);
      const check = product('check-repl');
      expect((await check.end()).code, check.text()).toBe(0);
      for (const name of ['db2', 'db1']) {
        const run = product('switch', '--yes', '--new-master', name);
        expect((await run.end()).code, run.text()).toBe(0);
        await writer.more(30);
      }
      const manager = await stage.manager();
      await stopReceiver(cluster, 'db2');
      await drained(cluster, 'db2');
      const held = new Set((await writtenRows(cluster, 'db2')).keys());
      await writer.more(50);
      await stage.killSource();
      expect((await manager.end()).code, manager.text()).toBe(0);
      await writer.more(30);
      const lines = await writer.stop();
      const rows = await writtenRows(cluster, 'db2');
      const acknowledgedRows = lines.flatMap((line) =>
        line.e === 'ack' ? [`${String(line.w)}:${String(line.n)}`] : [],
      );
      expect(acknowledgedRows.length).toBeGreaterThan(held.size);
      expect([...rows.values()].every((copies) => copies === 1)).toBe(true);
      expect([...held].every((row) => rows.has(row))).toBe(true);
      expect(rows.size).toBeGreaterThanOrEqual(acknowledgedRows.length);
    });
  });
});
